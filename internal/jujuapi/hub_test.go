package jujuapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// hub is a model with applications from Charmhub and the Charmhub that it sees, as far
// as they matter to a refresh: it answers the calls of one, and keeps what they do.
type hub struct {
	// mu is held while a call is answered, or something is uploaded.
	mu sync.Mutex
	// releases are by "NAME CHANNEL"; a channel that has none is closed.
	releases map[string]hubRelease
	// revisions are all that were ever published, by URL.
	revisions map[string]hubRelease
	apps      map[string]*hubApp
	// known are the charms that the model has, by URL.
	known   map[string]params.Charm
	pending map[string]params.CharmResource
	blocks  []params.Block
	// away says that Charmhub is not reached.
	away bool
	// before is called before a call is answered, by its method.
	before map[string]func()
	// storage is what the model's units have.
	storage []params.StorageDetails
	// fails are the answers of calls that fail, by method.
	fails map[string]error
	// juju4 says that resources are in use at once, and that setting a charm sends the
	// units on an upgrade, whatever it is.
	juju4 bool
}

type hubRelease struct {
	revision  int
	base      string
	resources map[string]int
	assumes   string
	// storage are the descriptions of its storage, by name; pods says that it has
	// containers.
	storage map[string]string
	pods    bool
}

type hubApp struct {
	url       string
	origin    params.CharmOrigin
	resources map[string]params.Resource
	actions   []string
	// hooks counts the upgrades that its units are sent on.
	hooks int
}

const hubArch = "amd64"

// newHub has the stand-in's source answer for it.
func newHub(s *server) *hub {
	h := &hub{
		releases: make(map[string]hubRelease), apps: make(map[string]*hubApp), known: make(map[string]params.Charm), revisions: make(map[string]hubRelease),
		pending: make(map[string]params.CharmResource), before: make(map[string]func()), fails: make(map[string]error),
		juju4: s.version.Major >= 4,
	}
	answer(s, h, "Charms.ResolveCharms", h.resolve)
	answer(s, h, "Charms.AddCharm", h.add)
	answer(s, h, "Charms.CharmInfo", h.info)
	answer(s, h, "Charms.ListCharmResources", h.offers)
	answer(s, h, "Resources.ListResources", h.used)
	answer(s, h, "Resources.AddPendingResources", h.ready)
	answer(s, h, "Application.GetCharmURLOrigin", h.origin)
	answer(s, h, "Application.SetCharm", h.set)
	answer(s, h, "Action.ApplicationsCharmsActions", h.actions)
	answer(s, h, "Application.DeployFromRepository", h.dryRun)
	answer(s, h, "Storage.ListStorageDetails", func(params.StorageFilters) (any, error) {
		return params.StorageDetailsListResults{Results: []params.StorageDetailsListResult{{Result: h.storage}}}, nil
	})
	answer(s, h, "Block.List", func(struct{}) (any, error) {
		var out params.BlockResults
		for _, block := range h.blocks {
			out.Results = append(out.Results, params.BlockResult{Result: block})
		}
		return out, nil
	})
	answer(s, h, "ModelManager.ModelInfo", func(params.Entities) (any, error) {
		v := s.version
		return params.ModelInfoResults{Results: []params.ModelInfoResult{{Result: &params.ModelInfo{
			AgentVersion: &v, SupportedFeatures: []params.SupportedFeature{{Name: "juju", Version: v.String()}},
		}}}}, nil
	})
	return h
}

func answer[T any](s *server, h *hub, method string, how func(T) (any, error)) {
	s.answers[method] = func(raw json.RawMessage) (any, error) {
		if before := h.before[method]; before != nil {
			before()
		}
		if err := h.fails[method]; err != nil {
			return nil, err
		}
		var args T
		if err := json.Unmarshal(raw, &args); err != nil {
			return nil, err
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		return how(args)
	}
}

// publish releases a revision to a channel.
func (h *hub) publish(name, channel string, release hubRelease) {
	if release.base == "" {
		release.base = "24.04"
	}
	h.releases[name+" "+channel], h.revisions[hubURL(name, release.revision)] = release, release
}

// deploy makes an application of what a channel has.
func (h *hub) deploy(app, name, channel string) *hubApp {
	release := h.releases[name+" "+channel]
	track, risk, _ := strings.Cut(channel, "/")
	a := &hubApp{url: hubURL(name, release.revision), resources: make(map[string]params.Resource)}
	a.origin = params.CharmOrigin{
		Source: "charm-hub", ID: "id-of-" + name, Hash: fmt.Sprint("hash-", release.revision), Risk: risk, Track: &track,
		Revision: &release.revision, Architecture: hubArch, Base: params.Base{Name: "ubuntu", Channel: "24.04"},
	}
	for resource, revision := range release.resources {
		a.resources[resource] = params.Resource{CharmResource: params.CharmResource{Name: resource, Type: "file", Origin: "store", Revision: revision}}
	}
	h.known[a.url] = h.charm(name, release)
	h.apps[app] = a
	return a
}

// look is what a status shows of the applications.
func (h *hub) look() fleet.Model {
	m := fleet.Model{Ref: modelRef}
	for _, name := range slices.Sorted(maps.Keys(h.apps)) {
		a := h.apps[name]
		app := fleet.Application{Name: name, URL: a.url, Base: "ubuntu@24.04"}
		if a.origin.Source == "charm-hub" {
			app.Channel = channelOf(a.origin)
		}
		m.Status.Applications = append(m.Status.Applications, app)
	}
	return m
}

func hubURL(name string, revision int) string {
	return fmt.Sprintf("ch:%s/%s-%d", hubArch, name, revision)
}

func codeless(format string, args ...any) *params.Error {
	return &params.Error{Message: fmt.Sprintf(format, args...)}
}

// find is what Charmhub has for a charm and an origin, as the server asks it.
func (h *hub) find(url string, origin params.CharmOrigin) (name string, _ hubRelease, _ *params.Error) {
	app := fleet.Application{URL: url}
	name = app.Charm()
	switch {
	case h.away:
		return name, hubRelease{}, codeless(`dial tcp https://me:canary-store@charmhub.example.com: connection refused`)
	case app.Source() != fleet.Charmhub:
		return name, hubRelease{}, codeless("unknown schema for charm URL %q", url)
	case origin.ID == "" && origin.Revision != nil && *origin.Revision >= 0:
		release, ok := h.revisions[hubURL(name, *origin.Revision)]
		if !ok {
			return name, release, codeless("no revision %d", *origin.Revision)
		}
		return name, release, nil
	}
	release, ok := h.releases[name+" "+channelOf(origin)]
	if !ok || origin.Base.Channel != "" && release.base != strings.TrimSuffix(origin.Base.Channel, "/stable") {
		return name, release, codeless("selecting releases: charm or bundle not found for channel %q", channelOf(origin))
	}
	return name, release, nil
}

func (h *hub) resolve(args params.ResolveCharmsWithChannel) (any, error) {
	var out params.ResolveCharmWithChannelResults
	for _, asked := range args.Resolve {
		name, release, err := h.find(asked.Reference, asked.Origin)
		result := params.ResolveCharmWithChannelResult{Error: err}
		if err == nil {
			result.URL, result.Origin = hubURL(name, release.revision), asked.Origin
			result.Origin.Revision, result.Origin.Type = &release.revision, "charm"
			result.SupportedBases = []params.Base{{Name: "ubuntu", Channel: release.base}}
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

func (h *hub) add(args params.AddCharmWithOrigin) (any, error) {
	name, release, err := h.find(args.URL, args.Origin)
	if err != nil {
		return nil, &rpc.RequestError{Message: err.Message}
	}
	origin := args.Origin
	_, known := h.known[args.URL]
	if known || h.juju4 {
		origin.ID, origin.Hash = "id-of-"+name, fmt.Sprint("hash-", release.revision)
	}
	if !known {
		h.known[args.URL] = h.charm(name, release)
		origin.Revision = &release.revision
	}
	return params.CharmOriginResult{Origin: origin}, nil
}

func (h *hub) charm(name string, release hubRelease) params.Charm {
	meta := params.CharmMeta{Name: name, Resources: make(map[string]params.CharmResourceMeta)}
	for resource := range release.resources {
		meta.Resources[resource] = params.CharmResourceMeta{Name: resource, Type: "file", Path: resource + ".tgz", Description: "of " + name}
	}
	for name, description := range release.storage {
		if meta.Storage == nil {
			meta.Storage = make(map[string]params.CharmStorage)
		}
		meta.Storage[name] = params.CharmStorage{Name: name, Description: description, Type: "filesystem", CountMin: 1, CountMax: 1}
	}
	if release.pods {
		meta.Containers = map[string]params.CharmContainer{"workload": {}}
	}
	if release.assumes != "" {
		if err := json.Unmarshal([]byte(release.assumes), &meta.AssumesExpr); err != nil {
			panic(err)
		}
	}
	return params.Charm{
		URL: hubURL(name, release.revision), Revision: release.revision, Meta: &meta,
		Manifest: &params.CharmManifest{Bases: []params.CharmBase{{Name: "ubuntu", Channel: release.base + "/stable"}}},
	}
}

func (h *hub) info(args params.CharmURL) (any, error) {
	charm, ok := h.known[args.URL]
	if !ok {
		return nil, &rpc.RequestError{Code: params.CodeNotFound, Message: "charm " + args.URL + " not found"}
	}
	return charm, nil
}

func (h *hub) offers(args params.CharmURLAndOrigins) (any, error) {
	var out params.CharmResourcesResults
	for _, asked := range args.Entities {
		_, release, err := h.find(asked.CharmURL, asked.Origin)
		if err != nil {
			return nil, &rpc.RequestError{Message: err.Message}
		}
		var results []params.CharmResourceResult
		for _, name := range slices.Sorted(maps.Keys(release.resources)) {
			results = append(results, params.CharmResourceResult{CharmResource: params.CharmResource{
				Name: name, Type: "file", Origin: "store", Revision: release.resources[name],
			}})
		}
		out.Results = append(out.Results, results)
	}
	return out, nil
}

// tagged finds an application.
func (h *hub) tagged(tag string) (*hubApp, *params.Error) {
	name, err := names.ParseApplicationTag(tag)
	if err != nil {
		return nil, &params.Error{Code: params.CodeBadRequest, Message: err.Error()}
	}
	if a := h.apps[name.Id()]; a != nil {
		return a, nil
	}
	return nil, &params.Error{Code: params.CodeNotFound, Message: "application " + name.Id() + " not found"}
}

func (h *hub) used(args params.Entities) (any, error) {
	var out params.ResourcesResults
	for _, e := range args.Entities {
		a, err := h.tagged(e.Tag)
		result := params.ResourcesResult{ErrorResult: params.ErrorResult{Error: err}}
		if err == nil {
			result.Resources = slices.Collect(maps.Values(a.resources))
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

func (h *hub) ready(args params.AddPendingResourcesArgsV2) (any, error) {
	var out params.AddPendingResourcesResult
	a, err := h.tagged(args.Tag)
	for _, r := range args.Resources {
		if _, used := a.resources[r.Name]; h.juju4 && !used {
			err = codeless("resource %q: resource not found", r.Name) // as seen on 4.1.0
		}
	}
	if err != nil {
		out.Error = err
		return out, nil //nolint:nilerr // it is told in the answer
	}
	for _, r := range args.Resources {
		if h.juju4 {
			a.resources[r.Name] = params.Resource{CharmResource: r}
			a.hooks++
		}
		id := fmt.Sprint("pending-", len(h.pending))
		h.pending[id] = r
		out.PendingIDs = append(out.PendingIDs, id)
	}
	return out, nil
}

func (h *hub) origin(args params.ApplicationGet) (any, error) {
	a := h.apps[args.ApplicationName]
	if a == nil {
		return params.CharmURLOriginResult{Error: &params.Error{Code: params.CodeNotFound, Message: "no such application"}}, nil
	}
	return params.CharmURLOriginResult{URL: a.url, Origin: a.origin}, nil
}

func (h *hub) set(args params.ApplicationSetCharm) (any, error) {
	o := args.CharmOrigin
	if o == nil || o.Source == "charm-hub" && (o.ID == "") != (o.Hash == "") {
		return nil, &rpc.RequestError{Code: params.CodeBadRequest, Message: "programming error"}
	}
	if len(h.blocks) > 0 {
		return nil, &rpc.RequestError{Code: params.CodeOperationBlocked, Message: "blocked"}
	}
	a := h.apps[args.ApplicationName]
	if _, known := h.known[args.CharmURL]; a == nil || !known {
		return nil, &rpc.RequestError{Code: params.CodeNotFound, Message: "not found"}
	}
	if h.juju4 || a.url != args.CharmURL || len(args.ResourceIDs) > 0 {
		a.hooks++
	}
	a.url, a.origin = args.CharmURL, *o
	if h.juju4 {
		return nil, nil
	}
	// The controller fetches it.
	if o.Source == "charm-hub" {
		name := fleet.Application{URL: a.url}.Charm()
		a.origin.ID, a.origin.Hash = "id-of-"+name, fmt.Sprint("hash-", *o.Revision)
	}
	for name, id := range args.ResourceIDs {
		a.resources[name] = params.Resource{CharmResource: h.pending[id]}
		delete(h.pending, id)
	}
	return nil, nil
}

func (h *hub) actions(args params.Entities) (any, error) {
	var out params.ApplicationsCharmActionsResults
	for _, e := range args.Entities {
		a, err := h.tagged(e.Tag)
		result := params.ApplicationCharmActionsResult{ApplicationTag: e.Tag, Error: err}
		if err == nil {
			result.Actions = make(map[string]params.ActionSpec)
			for _, name := range a.actions {
				result.Actions[name] = params.ActionSpec{}
			}
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

// dryRun says what a model lacks that the charms assume. It is no stand-in for a real
// deployment: that would be one.
func (h *hub) dryRun(args params.DeployFromRepositoryArgs) (any, error) {
	var out params.DeployFromRepositoryResults
	for _, arg := range args.Args {
		if !arg.DryRun {
			return nil, codeless("%s would be deployed", arg.CharmName)
		}
		var result params.DeployFromRepositoryResult
		if release := h.releases[arg.CharmName+" "+*arg.Channel]; release.assumes != "" {
			result.Errors = []*params.Error{{Code: "of another kind"}, {
				Code:    params.CodeNotSupported,
				Message: "Charm cannot be deployed because:\n  - charm requires Juju version >= 99.0.0, model has version 3.6.11",
			}}
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}
