package jujutest

import (
	"maps"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

// resourceHandlers are of the resources of applications.
func resourceHandlers() served {
	return served{"Resources": {
		"ListResources":       method(listResources),
		"AddPendingResources": method(addPendingResources),
	}}
}

// listResources is Resources.ListResources.
func listResources(s *session, args params.ListResourcesArgs) (params.ResourcesResults, error) {
	results, err := ofApplications(s, "read", args.Entities, s.model.resourcesResult)
	return params.ResourcesResults{Results: results}, err
}

// ofApplications answers for each application that a user may ask for with that access:
// with it, or with why there is none of that tag.
func ofApplications[T any](s *session, access string, entities []params.Entity, answer func(tag string, app *application, failure *params.Error) T) ([]T, error) {
	if !s.may(s.model, access) {
		return nil, errPerm()
	}
	var out []T
	for _, entity := range entities {
		app, failure := s.model.tagged(entity.Tag)
		out = append(out, answer(entity.Tag, app, failure))
	}
	return out, nil
}

// tagged finds the application of a tag.
func (m *model) tagged(tag string) (*application, *params.Error) {
	parsed, err := names.ParseApplicationTag(tag)
	if err != nil {
		return nil, &params.Error{Code: params.CodeBadRequest, Message: err.Error()}
	}
	app, err := m.application(parsed.Id())
	if err != nil {
		return nil, apiFailure(err)
	}
	return app, nil
}

func (m *model) resourcesResult(_ string, app *application, failure *params.Error) params.ResourcesResult {
	if failure != nil {
		return params.ResourcesResult{ErrorResult: params.ErrorResult{Error: failure}}
	}
	var out params.ResourcesResult
	for _, name := range sortedNames(app.charm.resources) {
		out.Resources = append(out.Resources, m.heldBy(app, name, app.charm.resources[name]))
		told := app.charm.resources[name].shown(name)
		if told.Origin == "upload" {
			told = params.CharmResource{Name: name, Type: told.Type, Path: name, Origin: "store", Revision: -1}
		}
		out.CharmStoreResources = append(out.CharmStoreResources, told)
	}
	for _, u := range m.unitsOf(app) {
		of := params.UnitResources{Entity: params.Entity{Tag: u.tag}, DownloadProgress: map[string]int64{}}
		for _, name := range sortedNames(u.charm.resources) {
			of.Resources = append(of.Resources, m.heldBy(app, name, u.charm.resources[name]))
		}
		out.UnitResources = append(out.UnitResources, of)
	}
	return out
}

// heldBy is a resource as an application or a unit of it has it.
func (m *model) heldBy(app *application, name string, r resource) params.Resource {
	out := params.Resource{
		CharmResource: r.shown(name), ID: app.name + "/" + name, ApplicationID: app.name,
		Timestamp: m.since.UTC().Truncate(time.Second),
	}
	if r.revision < 0 {
		out.Username = m.owner
	}
	return out
}

// addPendingResources is Resources.AddPendingResources: an application is to have these
// with its next charm. Juju 4 gives them to it at once.
func addPendingResources(s *session, args params.AddPendingResourcesArgsV2) (params.AddPendingResourcesResult, error) {
	var out params.AddPendingResourcesResult
	m := s.model // who may only read may do this, too (seen on 3.6.11)
	app, failure := m.tagged(args.Tag)
	if failure != nil {
		out.Error = failure
		return out, nil //nolint:nilerr // it is told in the answer
	}
	wanted, err := s.wantedResources(args)
	if err != nil {
		out.Error = apiFailure(err)
		return out, nil
	}
	if s.controller().version4() {
		for _, name := range sortedNames(wanted) {
			if _, has := app.charm.resources[name]; !has {
				out.Error = apiFailure(apiError("", "resource %q: resource not found", name)) // seen on 4.1-beta2
				return out, nil
			}
		}
		merged := maps.Clone(app.charm.resources)
		maps.Copy(merged, wanted)
		app.charm.resources = merged
		app.charm.modified++
		s.world().charmChanged(m, app)
	}
	for _, r := range args.Resources {
		id := newUUID()
		if m.pending == nil {
			m.pending = map[string]pendingResource{}
		}
		m.pending[id] = pendingResource{app: app.name, name: r.Name, resource: wanted[r.Name]}
		out.PendingIDs = append(out.PendingIDs, id)
	}
	s.controller().effects++
	return out, nil
}

// wantedResources are those that a call is about: -1 is what the channel has.
func (s *session) wantedResources(args params.AddPendingResourcesArgsV2) (map[string]resource, error) {
	released := map[string]resource{}
	if isStored(args.URL) {
		if err := s.controller().reachesCharmhub(); err != nil {
			return nil, apiError("", "refreshing charm %q: %v", args.URL, err)
		}
		var err error
		name, _ := charmName(args.URL)
		if released, err = s.controller().releasedResources(name, args.CharmOrigin); err != nil {
			return nil, apiError("", "listing resources for charm %q: %v", args.URL, err)
		}
	}
	wanted := map[string]resource{}
	for _, r := range args.Resources {
		held := resource{kind: r.Type, revision: r.Revision}
		if channel, there := released[r.Name]; there && r.Revision < 0 {
			held = channel
		}
		wanted[r.Name] = held
	}
	return wanted, nil
}
