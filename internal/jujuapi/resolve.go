package jujuapi

import (
	"context"
	"slices"
	"time"

	"github.com/juju/juju/core/base"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// resolve asks for the newest revisions of all channels in one call, and in one more about
// those of which the answer was an error. Most of what Charmhub refuses has no code, nor has
// that it is not reached; but that a channel has nothing for a base can be told from that it
// has nothing: asked for no base, it then names those that it has. (seen, 3.6)
func (r *Reader) resolve(ctx context.Context, k key, asked []*inquiry) error {
	failed, err := r.resolveOnce(ctx, k, asked, func(q *inquiry) params.CharmOrigin { return q.origin })
	if err != nil {
		return err
	}
	failed = slices.DeleteFunc(failed, func(q *inquiry) bool { return q.origin.Base.Name == "" })
	if len(failed) == 0 {
		return nil
	}
	said := make(map[*inquiry]*fleet.Release)
	for _, q := range failed {
		said[q] = q.app.Release
	}
	_, err = r.resolveOnce(ctx, k, failed, func(q *inquiry) params.CharmOrigin {
		origin := q.origin
		origin.Base = params.Base{}
		return origin
	})
	for _, q := range failed {
		if err == nil && q.app.Release.Problem == nil && len(q.app.Release.Bases) > 0 {
			continue
		}
		q.app.Release = said[q]
	}
	if ctx.Err() == nil {
		return nil // what was answered before is good, whatever has become of this question
	}
	return err
}

// resolveOnce makes the call, and returns those whose answer was an error. What is the
// same of several applications is asked once: the server asks Charmhub one by one.
func (r *Reader) resolveOnce(ctx context.Context, k key, asked []*inquiry, origin func(*inquiry) params.CharmOrigin) ([]*inquiry, error) {
	var args params.ResolveCharmsWithChannel
	groups := alike(asked)
	for _, group := range groups {
		args.Resolve = append(args.Resolve, params.ResolveCharmWithChannel{Reference: group[0].url, Origin: origin(group[0])})
	}
	results, err := patiently(ctx, len(groups), func(ctx context.Context) ([]resolved, error) {
		return read(ctx, r.session, k, resolveCharms(args))
	})
	if err != nil {
		return nil, err
	}
	var failed []*inquiry
	for i, group := range groups {
		for _, q := range group {
			release, err := q.released(results[i])
			if err != nil {
				q.fails(err)
				failed = append(failed, q)
				continue
			}
			q.app.Release = release
		}
	}
	return failed, nil
}

// alike puts together the inquiries that are the same, in their order.
func alike(asked []*inquiry) [][]*inquiry {
	type question struct{ url, channel, base string }
	var out [][]*inquiry
	at := make(map[question]int)
	for _, q := range asked {
		same := question{q.url, q.app.Channel, q.app.Base}
		i, known := at[same]
		if !known {
			i = len(out)
			at[same], out = i, append(out, nil)
		}
		out[i] = append(out[i], q)
	}
	return out
}

// A server waits without an end for a Charmhub that does not answer. (seen, 3.6) This is
// how long one that does may take: for the first answer, and for each.
const (
	firstAnswer = time.Minute
	eachAnswer  = 3 * time.Second
)

// patiently makes a call for which the server asks Charmhub so many times.
func patiently[T any](ctx context.Context, questions int, call func(context.Context) (T, error)) (T, error) {
	bounded, cancel := context.WithTimeout(ctx, firstAnswer+time.Duration(questions)*eachAnswer)
	defer cancel()
	value, err := call(bounded)
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		err = &fleet.Problem{Code: fleet.Unreachable, Text: "the controller has no answer from Charmhub in time"}
	}
	return value, err
}

// released translates the answer to an inquiry.
func (q *inquiry) released(result resolved) (*fleet.Release, error) {
	if result.Error != nil {
		return nil, classed(result.Error)
	}
	revision := fleet.Application{URL: result.URL}.Revision()
	if revision < 0 {
		return nil, &fleet.Problem{Code: fleet.Other, Text: "the charm that was answered has no revision: " + result.URL}
	}
	lacking, err := unsupported(q.origin.Base, result.bases())
	if err != nil {
		return nil, err
	}
	return &fleet.Release{URL: result.URL, Revision: revision, Channel: channelOf(result.Origin), Bases: lacking}, nil
}

// resolved is params.ResolveCharmWithChannelResult as all versions of the facade have it:
// up to 6 it names series.
type resolved struct {
	params.ResolveCharmWithChannelResult
	SupportedSeries []string `json:"supported-series"`
}

// resolveCharms asks what channels have, one answer for each charm.
func resolveCharms(args params.ResolveCharmsWithChannel) func(*conn) ([]resolved, error) {
	type results struct{ Results []resolved }
	return func(c *conn) ([]resolved, error) {
		answer, err := ask[results]("Charms", "ResolveCharms", args)(c)
		if err == nil {
			err = asMany(len(args.Resolve), len(answer.Results))
		}
		return answer.Results, err
	}
}

// bases are those that the revision supports.
func (r resolved) bases() []params.Base {
	out := slices.Clone(r.SupportedBases)
	for _, series := range r.SupportedSeries {
		// One that Juju has no base for is no application's.
		if b, err := base.GetBaseFromSeries(series); err == nil {
			out = append(out, params.Base{Name: b.OS, Channel: b.Channel.String()})
		}
	}
	return out
}
