package jujuapi

import (
	"context"
	"fmt"
	"time"

	"github.com/juju/errors"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Refresh implements execute.Refresher: what "juju refresh" does, call by call
// (cmd/juju/application/refresh.go), with the revision of the plan and without what is only
// there for options that are not used here. Configuration, storage, constraints and
// bindings are not sent: the server keeps them, and gives new endpoints the application's
// default space, which is what the client would send.
//
// What is looked at before the charm is set is asked for again by each attempt; a charm
// that was added, or resources that are pending, and then are not used change nothing.
func (w *Writer) Refresh(ctx context.Context, controller, model fleet.Ref, r fleet.Refresh) error {
	job := &refresh{Refresh: r, session: w.session, controller: controller, model: model}
	err := inOneLine(job.run(ctx))
	return errors.Annotatef(err, "cannot refresh %s in model %s on %s", r.Application, model.Name, controller.Name)
}

// refresh is one refresh that is under way.
type refresh struct {
	fleet.Refresh
	session           *Session
	controller, model fleet.Ref
	// url and origin are those of the application's charm now.
	url    string
	origin params.CharmOrigin
	// juju4 says that the server is one.
	juju4 bool
}

func (j *refresh) key() key { return key{j.controller, j.model.UUID} }

func (j *refresh) run(ctx context.Context) error {
	if err := j.ready(ctx); err != nil {
		return err
	}
	if j.File != "" {
		return j.toUploaded(ctx)
	}
	return j.toChannel(ctx)
}

// ready says that the application is as it was planned, and that it may be changed.
func (j *refresh) ready(ctx context.Context) error {
	if err := j.allowed(ctx); err != nil {
		return err
	}
	return j.now(ctx)
}

// allowed looks for disabled commands: adding a charm minds none, setting it does.
func (j *refresh) allowed(ctx context.Context) error {
	blocks, err := read(ctx, j.session, j.key(), ask[params.BlockResults]("Block", "List", nil))
	if err != nil {
		return err
	}
	for _, block := range blocks.Results {
		if block.Error == nil && block.Result.Type == "BlockChange" {
			return &fleet.Problem{
				Code: fleet.Blocked, Text: "commands that change the model are disabled",
				Remedy: "juju enable-command all -m " + j.controller.Name + ":" + j.model.Name,
			}
		}
	}
	return nil
}

// A charm that was just deployed has no ID until the controller has fetched it, and what it
// is refreshed to meanwhile may be given that of the other. ("deploy incomplete".) 4.x
// keeps IDs with charms, and has none of what has migrated there from 3.x: it needs none.
const (
	fetching = 30 * time.Second
	fetched  = 2 * time.Second
)

// now reads what the application runs, and compares it with what was planned.
func (j *refresh) now(ctx context.Context) error {
	if err := j.where(ctx); err != nil {
		return err
	}
	for left := fetching; j.origin.Source == fromCharmhub && j.origin.ID == "" && !j.juju4; left -= fetched {
		if left <= 0 {
			return declined("its deployment is not complete: the controller has not fetched its charm yet")
		}
		select {
		case <-time.After(fetched):
		case <-ctx.Done():
			return ending(ctx, ctx.Err())
		}
		if err := j.where(ctx); err != nil {
			return err
		}
	}
	switch {
	case fleet.SameCharm(j.url, j.From):
		return nil
	case j.To != "" && fleet.SameCharm(j.url, j.To):
		return &fleet.Problem{Code: fleet.UpToDate, Text: "it has been refreshed to " + j.url + " already"}
	}
	return j.anew(fmt.Sprintf("it is at %s now, and was at %s when this was planned", j.url, j.From))
}

// Where charms come from, as origins say it. (api/common/charms/origin.go)
const (
	fromCharmhub = "charm-hub"
	fromFile     = "local"
)

func (j *refresh) where(ctx context.Context) error {
	args := params.ApplicationGet{ApplicationName: j.Application}
	result, err := read(ctx, j.session, j.key(), func(c *conn) (params.CharmURLOriginResult, error) {
		j.juju4 = c.version.Major >= 4
		return ask[params.CharmURLOriginResult]("Application", "GetCharmURLOrigin", args)(c)
	})
	if err == nil && result.Error != nil {
		err = told(result.Error)
	}
	j.url, j.origin = result.URL, result.Origin
	return err
}

// toChannel refreshes to the revision that was planned, if its channel has not taken it
// back.
func (j *refresh) toChannel(ctx context.Context) error {
	moves := !fleet.SameCharm(j.From, j.To)
	if err := j.lacking(ctx, moves); err != nil {
		return err
	}
	if err := j.offered(ctx); err != nil {
		return err
	}
	url, origin := j.url, j.origin
	origin.Type = "charm" // the model does not tell it
	if moves {
		var err error
		if url, origin, err = j.add(ctx); err != nil {
			return err
		}
	}
	charm, err := read(ctx, j.session, j.key(), ask[params.Charm]("Charms", "CharmInfo", params.CharmURL{URL: url}))
	if err != nil {
		return err
	}
	if err := j.runsOn(url, charm.Manifest); err != nil {
		return err
	}
	if err := j.assumed(ctx, charm.Meta); err != nil {
		return err
	}
	if moves && charm.Meta != nil {
		if err := j.keeps(ctx, url, metaOf(charm.Meta)); err != nil {
			return err
		}
	}
	pending, err := j.pending(ctx, url, origin, charm.Meta)
	if err != nil || j.juju4 && !moves {
		return err // 4.x has the resources in use now: setting the same charm would only run its hooks again
	}
	return j.set(ctx, url, origin, pending)
}

// offered asks what the channel has. What is newer than the plan is for another plan;
// what is older says that the planned revision was taken back.
func (j *refresh) offered(ctx context.Context) error {
	reference, err := withoutRevision(j.url)
	if err != nil {
		return err
	}
	args := params.ResolveCharmsWithChannel{Resolve: []params.ResolveCharmWithChannel{{Reference: reference, Origin: j.install(nil)}}}
	results, err := read(ctx, j.session, j.key(), resolveCharms(args))
	switch {
	case err != nil:
		return err
	case results[0].Error != nil:
		return doubted(results[0].Error)
	case revisionOf(results[0].URL) < revisionOf(j.To):
		return j.anew(fmt.Sprintf("its channel %s has %s now, and the plan is for %s", channelOf(j.origin), results[0].URL, j.To))
	}
	return nil
}

// install is the application's origin, as one that installs: without an ID, it is the
// revision that counts, where there is one, else the channel. (core/charm/repository/charmhub.go
// refreshConfig)
func (j *refresh) install(revision *int) params.CharmOrigin {
	origin := j.origin
	origin.Type, origin.ID, origin.Hash, origin.Revision = "charm", "", "", revision
	return origin
}

// add makes the charm known to the model. The client adds the channel's newest, whatever
// the URL says: published at the wrong moment, that is another one than was planned, under
// its URL. (seen, 3.6.) By its revision it is that one; and the origin keeps the channel.
func (j *refresh) add(ctx context.Context) (string, params.CharmOrigin, error) {
	revision := revisionOf(j.To)
	args := params.AddCharmWithOrigin{URL: j.To, Origin: j.install(&revision)}
	added, err := write(ctx, j.session, j.key(), doubting(ask[params.CharmOriginResult]("Charms", "AddCharm", args)))
	if err == nil && added.Error != nil {
		err = doubted(added.Error)
	}
	if err == nil && (added.Origin.Revision == nil || *added.Origin.Revision != revision) {
		err = j.anew(fmt.Sprintf("Charmhub has another revision for %s than that", j.To))
	}
	return j.To, added.Origin, err
}

// set has the application run the charm, as all its units do then that are not in error.
func (j *refresh) set(ctx context.Context, url string, origin params.CharmOrigin, pending map[string]string) error {
	_, err := write(ctx, j.session, j.key(), j.emptying(refusing(ask[struct{}]("Application", "SetCharm", params.ApplicationSetCharm{
		ApplicationName: j.Application,
		CharmURL:        url,
		CharmOrigin:     &origin,
		Channel:         origin.Risk,
		ResourceIDs:     pending,
	}))))
	return err
}

// refusing makes a refusal of an answer without a code: a facade that was asked to change
// something has looked at it and says no, for which Juju has no code in many cases.
func refusing[T any](call func(*conn) (T, error)) func(*conn) (T, error) {
	return func(c *conn) (T, error) {
		value, err := call(c)
		if code, answered := codeOf(err); answered && code == "" {
			err = declined(text(err))
		}
		return value, err
	}
}

// doubting is the same of what is asked of Charmhub: that it was not reached has no code
// either, so a refusal may pass. (seen)
func doubting[T any](call func(*conn) (T, error)) func(*conn) (T, error) {
	return func(c *conn) (T, error) {
		value, err := call(c)
		if code, answered := codeOf(err); answered && code == "" {
			err = &fleet.Problem{Code: fleet.Other, Text: text(err)}
		}
		return value, err
	}
}

func doubted(e *params.Error) error {
	if e.Code == "" {
		return &fleet.Problem{Code: fleet.Other, Text: text(e)}
	}
	return refused(e)
}

// declined is a refusal in these words.
func declined(text string) error { return &fleet.Problem{Code: fleet.Refused, Text: text} }

// anew is a refusal of what only another plan cures.
func (j *refresh) anew(text string) error {
	return &fleet.Problem{Code: fleet.Refused, Text: text, Remedy: "juju upgrade-all plan -c " + j.controller.Name + " --charms-only"}
}

func revisionOf(url string) int { return fleet.Application{URL: url}.Revision() }
