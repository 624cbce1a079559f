package jujuapi

import (
	"cmp"
	"context"
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
// one for the actions of those for which there is something else, one for what their charms
// assume, and on Kubernetes one for their storage; and there, up to Juju 3, one for each charm
// that is to be another one.
func (r *Reader) Applications(ctx context.Context, c fleet.Controller, m fleet.Model, wanted func(application string) bool) ([]fleet.Application, error) {
	var out []fleet.Application
	for _, app := range m.Status.Applications {
		if wanted(app.Name) {
			app.Release = nil
			out = append(out, app)
		}
	}
	err := r.releases(ctx, key{c.Ref, m.UUID}, out)
	if err == nil && m.Type == fleet.CAAS {
		err = r.storage(ctx, key{c.Ref, m.UUID}, out)
	}
	if err == nil && m.Type == fleet.CAAS && c.Version.Major < 4 {
		err = r.podspecs(ctx, key{c.Ref, m.UUID}, out)
	}
	if err != nil {
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
	if err := r.actions(ctx, k, asked); err != nil {
		return err
	}
	return r.objections(ctx, k, asked)
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
	p := fleet.ProblemOf(inOneLine(err))
	q.app.Release = &fleet.Release{Problem: &p}
}

// unsupported names the bases that are supported, where one is none of them. Asked for a
// base that has no such revision, a server may answer with that of another base.
// (core/charm/repository/charmhub.go retryResolveWithPreferredChannel)
func unsupported(one params.Base, supported []params.Base) ([]string, error) {
	wanted, err := base.ParseBase(one.Name, one.Channel)
	if err != nil || wanted.Empty() {
		return nil, err
	}
	var out []string
	for _, b := range supported {
		other, err := base.ParseBase(b.Name, b.Channel)
		if err != nil {
			return nil, err
		}
		if other.IsCompatible(wanted) {
			return nil, nil
		}
		out = append(out, baseName(b))
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
