package jujutest

import (
	"crypto/sha512"
	"fmt"
	"strings"

	"github.com/juju/juju/core/base"
	"github.com/juju/juju/rpc/params"
)

// charmHandlers are of a model's charms.
func charmHandlers() served {
	return served{"Charms": {
		"CharmInfo":          method(charmInfo),
		"ResolveCharms":      method(resolveCharms6).from(7, method(resolveCharms)),
		"AddCharm":           method(addCharm),
		"ListCharmResources": method(listCharmResources),
	}}
}

// charmInfo is Charms.CharmInfo, of charms that the model has.
func charmInfo(s *session, args params.CharmURL) (params.Charm, error) {
	if !s.may(s.model, "read") {
		return params.Charm{}, errPerm()
	}
	k, known := s.model.charms[args.URL]
	if !known {
		return params.Charm{}, apiError(params.CodeNotFound, "charm %q not found", args.URL)
	}
	meta, err := k.meta()
	if err != nil {
		return params.Charm{}, apiError("", "%v", err)
	}
	switch {
	case s.model.onKubernetes() && k.noManifest: // of format 1
		meta.Series = []string{"kubernetes"}
	case s.model.onKubernetes():
		meta.Containers = map[string]params.CharmContainer{"workload": {}}
	}
	out := params.Charm{URL: args.URL, Revision: k.revision, Meta: meta, Config: map[string]params.CharmOption{}}
	if !k.noManifest {
		bases := k.content.Bases
		if len(bases) == 0 {
			bases = []string{s.model.base}
		}
		out.Manifest = &params.CharmManifest{}
		for _, name := range bases {
			b := baseOf(name)
			out.Manifest.Bases = append(out.Manifest.Bases, params.CharmBase{Name: b.Name, Channel: b.Channel, Architectures: []string{"amd64"}})
		}
	}
	if !k.pending && len(k.content.Actions) > 0 { // they are in the archive
		out.Actions = &params.CharmActions{ActionSpecs: map[string]params.CharmActionSpec{}}
		for _, name := range k.content.Actions {
			out.Actions.ActionSpecs[name] = params.CharmActionSpec{Params: map[string]any{}}
		}
	}
	return out, nil
}

// resolveCharms is Charms.ResolveCharms.
func resolveCharms(s *session, args params.ResolveCharmsWithChannel) (params.ResolveCharmWithChannelResults, error) {
	var out params.ResolveCharmWithChannelResults
	if !s.may(s.model, "read") {
		return out, errPerm()
	}
	for _, arg := range args.Resolve {
		found, err := s.resolveOne(arg)
		if err != nil {
			out.Results = append(out.Results, params.ResolveCharmWithChannelResult{Error: apiFailure(err)})
			continue
		}
		result := params.ResolveCharmWithChannelResult{URL: found.url, Origin: found.origin}
		for _, name := range found.bases {
			result.SupportedBases = append(result.SupportedBases, supportedBase(name))
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

func (s *session) resolveOne(arg params.ResolveCharmWithChannel) (resolved, error) {
	if !isStored(arg.Reference) {
		return resolved{}, apiError("", "unknown schema for charm URL %q", arg.Reference)
	}
	if arg.Origin.Source != "charm-hub" {
		return resolved{}, apiError(params.CodeNotValid, "origin source %q with schema not valid", arg.Origin.Source)
	}
	if arg.Origin.Architecture == "" {
		return resolved{}, apiError(params.CodeNotValid, "empty architecture not valid")
	}
	name, _ := charmName(arg.Reference)
	return s.controller().resolve(name, arg.Origin)
}

// resolveCharms6 is Charms.ResolveCharms up to version 6, which tells series.
func resolveCharms6(s *session, args params.ResolveCharmsWithChannel) (params.ResolveCharmWithChannelResultsV6, error) {
	var out params.ResolveCharmWithChannelResultsV6
	results, err := resolveCharms(s, args)
	if err != nil {
		return out, err
	}
	for _, r := range results.Results {
		old := params.ResolveCharmWithChannelResultV6{URL: r.URL, Origin: r.Origin, Error: r.Error}
		for _, b := range r.SupportedBases {
			series, err := seriesOf(b)
			if err != nil {
				return out, apiError("", "%v", err)
			}
			old.SupportedSeries = append(old.SupportedSeries, series)
		}
		if series, err := seriesOf(r.Origin.Base); err == nil && r.Error == nil {
			old.URL = strings.Replace(r.URL, "/", "/"+series+"/", 1)
		}
		out.Results = append(out.Results, old)
	}
	return out, nil
}

func seriesOf(b params.Base) (string, error) {
	parsed, err := base.ParseBase(b.Name, b.Channel)
	if err != nil {
		return "", err
	}
	return base.GetSeriesFromBase(parsed)
}

// addCharm is Charms.AddCharm: the model knows the charm from then on. It is asked for
// anew, by its channel: what is published since it was resolved is what the model gets,
// by whatever URL. Juju 4 notes the URL of what it gets.
func addCharm(s *session, args params.AddCharmWithOrigin) (params.CharmOriginResult, error) {
	var out params.CharmOriginResult
	m, c := s.model, s.controller()
	switch {
	case args.Origin.Source != "charm-hub":
		return out, apiError("", "unknown schema for charm URL %q", args.URL)
	case args.Origin.Base.Name == "" || args.Origin.Base.Channel == "":
		return out, apiError(params.CodeBadRequest, "base required for Charmhub charms")
	case !s.may(m, "write"):
		return out, errPerm()
	}
	name, _ := charmName(args.URL)
	if _, known := m.charms[args.URL]; known {
		origin, _, err := c.download(name, args.Origin)
		return params.CharmOriginResult{Origin: origin}, err
	}
	found, err := c.resolve(name, args.Origin)
	if err != nil {
		return out, apiError("", "retrieving essential metadata for charm %q: resolving origin for %q: %v", args.URL, name, err)
	}
	url := args.URL
	if c.version4() {
		url = found.url
		found.origin.ID, found.origin.Hash = found.charm.id(), charmHash(name, found.revision.Revision)
	}
	m.charms[url] = knownCharm{
		name: name, revision: found.revision.Revision, content: found.revision,
		pending: !c.version4(), subordinate: m.isSubordinateCharm(name),
	}
	c.effects++
	return params.CharmOriginResult{Origin: found.origin}, nil
}

// isSubordinateCharm says whether applications with that charm are subordinate.
func (m *model) isSubordinateCharm(name string) bool {
	for _, k := range m.charms {
		if k.name == name && k.subordinate {
			return true
		}
	}
	return false
}

// listCharmResources is Charms.ListCharmResources: what the channels of the origins
// have, whatever their revisions. One error is that of all.
func listCharmResources(s *session, args params.CharmURLAndOrigins) (params.CharmResourcesResults, error) {
	var out params.CharmResourcesResults
	if !s.may(s.model, "read") {
		return out, errPerm()
	}
	for _, arg := range args.Entities {
		if !isStored(arg.CharmURL) {
			return params.CharmResourcesResults{}, apiError(params.CodeNotValid, "charm %q not valid", arg.CharmURL)
		}
		name, _ := charmName(arg.CharmURL)
		released, err := s.controller().releasedResources(name, arg.Origin)
		if err != nil {
			return params.CharmResourcesResults{}, err
		}
		results := []params.CharmResourceResult{}
		for _, resource := range sortedNames(released) {
			results = append(results, params.CharmResourceResult{CharmResource: released[resource].shown(resource)})
		}
		out.Results = append(out.Results, results)
	}
	return out, nil
}

// releasedResources are those that the channel of an origin has.
func (c *controller) releasedResources(name string, o params.CharmOrigin) (map[string]resource, error) {
	o.Revision = nil
	found, err := c.resolve(name, o)
	if err != nil {
		return nil, apiError("", "unable to locate charm %q with matching channel %q", name, channelOf(o))
	}
	out := map[string]resource{}
	for resourceName, revision := range found.resources {
		if kind := found.revision.Resources[resourceName]; kind != "" {
			out[resourceName] = resource{kind: kind, revision: revision}
		}
	}
	return out, nil
}

// shown is a resource as facades tell it.
func (r resource) shown(name string) params.CharmResource {
	out := params.CharmResource{Name: name, Type: r.kind, Path: name, Origin: "store", Revision: r.revision}
	content := fmt.Appendf(nil, "%s revision %d", name, r.revision)
	if r.revision < 0 {
		out.Origin, out.Revision = "upload", 0
		content = fmt.Appendf(nil, "%s, uploaded", name)
	}
	sum := sha512.Sum384(content)
	out.Fingerprint, out.Size = sum[:], int64(len(content))
	return out
}
