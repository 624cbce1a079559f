package jujuapi

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/juju/charm/v12"
	"github.com/juju/errors"

	"github.com/juju/juju/core/base"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

var _ discover.CharmReader = (*Reader)(nil)

// Applications implements discover.CharmReader. Calls, however many applications there
// are: one for what their channels have, one more about those that have nothing, one for
// the resources that they use, one for those of their channels where there may be any, and
// one for the actions of those for which there is something else.
func (r *Reader) Applications(ctx context.Context, c fleet.Controller, m fleet.Model, wanted func(application string) bool) ([]fleet.Application, error) {
	var out []fleet.Application
	for _, app := range m.Status.Applications {
		if wanted(app.Name) {
			app.Release = nil
			out = append(out, app)
		}
	}
	if err := r.releases(ctx, key{c.Ref, m.UUID}, out); err != nil {
		return nil, errors.Annotatef(err, "cannot ask Charmhub for the applications of model %s on %s", m.Name, c.Name)
	}
	return out, nil
}

// releases fills in what Charmhub has for those of the applications that are from there.
func (r *Reader) releases(ctx context.Context, k key, apps []fleet.Application) error {
	var asked []*inquiry
	for i := range apps {
		if apps[i].Source() != fleet.Charmhub {
			continue
		}
		q, err := inquire(&apps[i])
		if err != nil {
			q.fails(err)
			continue
		}
		asked = append(asked, q)
	}
	if len(asked) == 0 {
		return nil
	}
	if err := r.resolve(ctx, k, asked); err != nil {
		return err
	}
	if err := r.supplies(ctx, k, asked); err != nil {
		return err
	}
	return r.actions(ctx, k, asked)
}

// inquiry is what Charmhub is asked of one application.
type inquiry struct {
	app *fleet.Application
	// url is that of its charm, without a revision.
	url string
	// origin has the channel and not the revision: with one, the server would answer
	// that one and no other. (core/charm/repository/charmhub.go refreshConfig)
	origin params.CharmOrigin
}

// inquire makes of what the model's status tells what has to be asked. The origin that
// the model itself keeps would have to be asked for application by application, and of
// 3.x only by who may write.
func inquire(app *fleet.Application) (*inquiry, error) {
	q := &inquiry{app: app, origin: params.CharmOrigin{Source: "charm-hub", Type: "charm", Architecture: app.Arch()}}
	var err error
	if q.url, err = withoutRevision(app.URL); err != nil {
		return q, err
	}
	if app.Channel != "" {
		channel, err := charm.ParseChannel(app.Channel)
		if err != nil {
			return q, errors.Annotatef(err, "the channel of %s", app.Name)
		}
		q.origin.Risk, q.origin.Track, q.origin.Branch = string(channel.Risk), pointer(channel.Track), pointer(channel.Branch)
	}
	if app.Base != "" {
		of, err := base.ParseBaseFromString(app.Base)
		if err != nil {
			return q, errors.Annotatef(err, "the base of %s", app.Name)
		}
		q.origin.Base = params.Base{Name: of.OS, Channel: of.Channel.String()}
	}
	return q, nil
}

// fails makes an error what there is to tell of the application.
func (q *inquiry) fails(err error) {
	p := fleet.ProblemOf(err)
	q.app.Release = &fleet.Release{Problem: &p}
}

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
	return err
}

// resolveOnce makes the call, and returns those whose answer was an error.
func (r *Reader) resolveOnce(ctx context.Context, k key, asked []*inquiry, origin func(*inquiry) params.CharmOrigin) ([]*inquiry, error) {
	var args params.ResolveCharmsWithChannel
	for _, q := range asked {
		args.Resolve = append(args.Resolve, params.ResolveCharmWithChannel{Reference: q.url, Origin: origin(q)})
	}
	results, err := read(ctx, r.session, k, resolveCharms(args))
	if err != nil {
		return nil, err
	}
	var failed []*inquiry
	for i, q := range asked {
		release, err := q.released(results[i])
		if err != nil {
			q.fails(err)
			failed = append(failed, q)
			continue
		}
		q.app.Release = release
	}
	return failed, nil
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
	lacking, err := result.unsupported(q.origin.Base)
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

// unsupported names the bases that a revision supports, where that of the application is
// none of them. Asked for a base that has no such revision, the server answers with that
// of another base. (core/charm/repository/charmhub.go retryResolveWithPreferredChannel)
func (r resolved) unsupported(of params.Base) ([]string, error) {
	wanted, err := base.ParseBase(of.Name, of.Channel)
	if err != nil || wanted.Empty() {
		return nil, err
	}
	var out []string
	for _, one := range r.SupportedBases {
		supported, err := base.ParseBase(one.Name, one.Channel)
		if err != nil {
			return nil, err
		}
		if supported.IsCompatible(wanted) {
			return nil, nil
		}
		out = append(out, baseName(one))
	}
	for _, series := range r.SupportedSeries {
		supported, err := base.GetBaseFromSeries(series)
		if err != nil {
			continue // one that Juju has no base for is not the application's
		}
		if supported.IsCompatible(wanted) {
			return nil, nil
		}
		out = append(out, baseName(params.Base{Name: supported.OS, Channel: supported.Channel.String()}))
	}
	return out, nil
}

// baseName is a base as people write it: "ubuntu@24.04"; empty when it is not told.
func baseName(b params.Base) string {
	if b.Name == "" {
		return ""
	}
	return b.Name + "@" + strings.TrimSuffix(b.Channel, "/stable")
}

// channelOf is the channel of an origin as Juju's status writes it.
func channelOf(origin params.CharmOrigin) string {
	out := cmp.Or(origin.Risk, "stable")
	if track := valueOf(origin.Track); track != "" {
		out = track + "/" + out
	}
	if branch := valueOf(origin.Branch); branch != "" {
		out += "/" + branch
	}
	return out
}

// withoutRevision is the URL of a charm without its revision.
func withoutRevision(url string) (string, error) {
	parsed, err := charm.ParseURL(url)
	if err != nil {
		return "", errors.Trace(err)
	}
	return parsed.WithRevision(-1).String(), nil
}

// pointer points to a text; nil when that is empty.
func pointer(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
