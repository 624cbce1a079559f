package jujuapi

import (
	"context"
	"maps"
	"slices"

	"github.com/juju/errors"
	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Resources implements execute.Refresher.
func (w *Writer) Resources(ctx context.Context, controller, model fleet.Ref, application string) (map[string]int, error) {
	used, err := w.session.inUse(ctx, key{controller, model.UUID}, application)
	if err == nil && used[0].Error != nil {
		err = told(used[0].Error)
	}
	if err != nil {
		return nil, errors.Annotatef(err, "cannot read the resources of %s in model %s on %s", application, model.Name, controller.Name)
	}
	out := make(map[string]int)
	for _, one := range used[0].Resources {
		out[one.Name] = revisionInUse(one)
	}
	return out, nil
}

// Where resources come from, in Juju's words. (charm/v12/resource/origin.go)
const (
	fromStore  = "store"
	fromUpload = "upload"
)

// revisionInUse is the revision of a resource at Charmhub; -1 of one that is not from
// there.
func revisionInUse(one params.Resource) int {
	if one.Origin != fromStore {
		return -1
	}
	return one.Revision
}

// inUse reads the resources of applications in one call, in their order.
func (s *Session) inUse(ctx context.Context, k key, applications ...string) ([]params.ResourcesResult, error) {
	var args params.ListResourcesArgs
	for _, name := range applications {
		args.Entities = append(args.Entities, params.Entity{Tag: names.NewApplicationTag(name).String()})
	}
	return read(ctx, s, k, func(c *conn) ([]params.ResourcesResult, error) {
		answer, err := ask[params.ResourcesResults]("Resources", "ListResources", args)(c)
		if err == nil {
			err = asMany(len(applications), len(answer.Results))
		}
		return answer.Results, err
	})
}

// supplies fills in the resources that the applications use, and those that their
// channels have.
func (r *Reader) supplies(ctx context.Context, k key, asked []*inquiry) error {
	asked = slices.DeleteFunc(slices.Clone(asked), func(q *inquiry) bool { return q.app.Release.Problem != nil })
	if len(asked) == 0 {
		return nil
	}
	var applications []string
	for _, q := range asked {
		applications = append(applications, q.app.Name)
	}
	used, err := r.session.inUse(ctx, k, applications...)
	if err != nil {
		return err
	}
	var may []*inquiry
	now := make(map[*inquiry][]params.Resource)
	for i, q := range asked {
		if used[i].Error != nil {
			q.fails(classed(used[i].Error))
			continue
		}
		now[q] = used[i].Resources
		if q.mayHaveResources(used[i].Resources) {
			may = append(may, q)
		}
	}
	groups := alike(may)
	firsts := make([]*inquiry, len(groups))
	for i, group := range groups {
		firsts[i] = group[0]
	}
	offers, err := r.session.offered(ctx, k, firsts)
	if err != nil {
		return err
	}
	for i, group := range groups {
		for _, q := range group {
			if offers[i].err != nil {
				q.fails(offers[i].err)
				continue
			}
			q.app.Release.Resources = resourcesOf(now[q], offers[i].resources)
		}
	}
	return nil
}

// mayHaveResources says that it takes a question to know what resources the channel has:
// the application uses some, or the charm is another one. For a base that is not
// supported there is no refresh at all.
func (q *inquiry) mayHaveResources(used []params.Resource) bool {
	release := q.app.Release
	return len(release.Bases) == 0 && (len(used) > 0 || release.Revision != q.app.Revision())
}

// offer is what a channel has of resources, or why that is not told.
type offer struct {
	resources []params.CharmResource
	err       error
}

// offered asks for the resources of channels: in one call, and one by one where that
// fails, since one charm spoils it for all. (apiserver/facades/client/charms/client.go
// ListCharmResources)
func (s *Session) offered(ctx context.Context, k key, asked []*inquiry) ([]offer, error) {
	if len(asked) == 0 {
		return nil, nil
	}
	all, err := s.offeredTogether(ctx, k, asked)
	if err == nil || !spoiled(err) {
		return all, err
	}
	if len(asked) == 1 {
		return []offer{{err: err}}, nil
	}
	out := make([]offer, 0, len(asked))
	for i := range asked {
		one, err := s.offered(ctx, k, asked[i:i+1])
		if err != nil {
			return nil, err
		}
		out = append(out, one...)
	}
	return out, nil
}

// spoiled says that an error may be that of one charm among several.
func spoiled(err error) bool {
	var p *fleet.Problem
	if !errors.As(err, &p) {
		return false
	}
	switch p.Code {
	case fleet.Other, fleet.NotFound, fleet.Refused:
		return true
	}
	return false
}

func (s *Session) offeredTogether(ctx context.Context, k key, asked []*inquiry) ([]offer, error) {
	var args params.CharmURLAndOrigins
	for _, q := range asked {
		args.Entities = append(args.Entities, params.CharmURLAndOrigin{CharmURL: q.app.Release.URL, Origin: q.origin})
	}
	// Not read: what Charmhub refuses has no code either, and does not pass.
	answer, err := patiently(ctx, 2*len(asked), func(ctx context.Context) (params.CharmResourcesResults, error) {
		return question(ctx, s, k, ask[params.CharmResourcesResults]("Charms", "ListCharmResources", args))
	})
	if err == nil {
		err = asMany(len(asked), len(answer.Results))
	}
	if err != nil {
		return nil, err
	}
	out := make([]offer, len(asked))
	for i, results := range answer.Results {
		for _, result := range results {
			if result.Error != nil {
				out[i].err = classed(result.Error)
			}
			out[i].resources = append(out[i].resources, result.CharmResource)
		}
	}
	return out, nil
}

// resourcesOf puts together what an application uses and what its channel has, by name.
func resourcesOf(now []params.Resource, then []params.CharmResource) []fleet.Resource {
	all := make(map[string]fleet.Resource)
	for _, one := range now {
		all[one.Name] = fleet.Resource{
			Name: one.Name, Type: one.Type, Now: revisionInUse(one), Then: -1, Uploaded: one.Origin == fromUpload,
		}
	}
	for _, one := range then {
		r, used := all[one.Name]
		if !used {
			r = fleet.Resource{Name: one.Name, Now: -1}
		}
		r.Type, r.Then = one.Type, one.Revision
		all[one.Name] = r
	}
	return slices.Collect(func(yield func(fleet.Resource) bool) {
		for _, name := range slices.SortedFunc(maps.Keys(all), fleet.CompareNatural) {
			if !yield(all[name]) {
				return
			}
		}
	})
}
