package jujuapi

import (
	"context"
	"fmt"
	"time"

	"github.com/juju/errors"

	coremodel "github.com/juju/juju/core/model"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Refresh implements execute.Refresher: what "juju refresh" does, call by call
// (cmd/juju/application/refresh.go), without what is only there for options that are not
// used here. Configuration, storage, constraints and bindings are not sent: the server
// keeps them, and gives new endpoints the application's default space, which is what the
// client would send.
//
// What is looked at before the charm is set is asked for again by each attempt; a charm
// that was added, or resources that are pending, and then are not used change nothing.
func (w *Writer) Refresh(ctx context.Context, controller, model fleet.Ref, r fleet.Refresh) error {
	job := &refresh{Refresh: r, session: w.session, controller: controller, model: model}
	err := job.run(ctx)
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
}

func (j *refresh) key() key { return key{j.controller, j.model.UUID} }

func (j *refresh) run(ctx context.Context) error {
	if err := j.allowed(ctx); err != nil {
		return err
	}
	if err := j.now(ctx); err != nil {
		return err
	}
	if j.File != "" {
		return j.toFile(ctx)
	}
	return j.toChannel(ctx)
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

// A charm that was just set has no ID until the controller has fetched it, a few seconds
// later: until then the next refresh would be answered wrong. ("deploy incomplete";
// seen, LP 2053242.) On 4.1-beta2 it never comes to what has migrated there from 3.x.
const (
	fetching = 30 * time.Second
	fetched  = 2 * time.Second
)

// now reads what the application runs, and compares it with what was planned.
func (j *refresh) now(ctx context.Context) error {
	if err := j.where(ctx); err != nil {
		return err
	}
	for left := fetching; j.origin.Source == fromCharmhub && j.origin.ID == ""; left -= fetched {
		if left <= 0 {
			return declined("its deployment is not complete: the controller does not know which charm of Charmhub it has")
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
	case sameCharm(j.url, j.From):
		return nil
	case j.To != "" && sameCharm(j.url, j.To), j.File != "" && j.origin.Source == fromFile:
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
	args := params.ApplicationGet{ApplicationName: j.Application, BranchName: coremodel.GenerationMaster}
	result, err := read(ctx, j.session, j.key(), ask[params.CharmURLOriginResult]("Application", "GetCharmURLOrigin", args))
	if err == nil && result.Error != nil {
		err = told(result.Error)
	}
	j.url, j.origin = result.URL, result.Origin
	return err
}

// toChannel refreshes to what the channel has, if that is what was planned.
func (j *refresh) toChannel(ctx context.Context) error {
	url, origin, err := j.newest(ctx)
	if err != nil {
		return err
	}
	if !sameCharm(url, j.url) {
		if origin, err = j.add(ctx, url, origin); err != nil {
			return err
		}
	}
	charm, err := read(ctx, j.session, j.key(), ask[params.Charm]("Charms", "CharmInfo", params.CharmURL{URL: url}))
	if err != nil {
		return err
	}
	if err := j.assumed(ctx, charm.Meta); err != nil {
		return err
	}
	pending, err := j.pending(ctx, url, origin, charm.Meta)
	if err != nil {
		return err
	}
	return j.set(ctx, url, origin, pending)
}

// newest asks what the channel has. The origin has the revision of now, too: so the
// application goes on following its channel where that is closed, and the answer names
// all bases. (core/charm/repository/charmhub.go resolveWithPreferredChannel)
func (j *refresh) newest(ctx context.Context) (string, params.CharmOrigin, error) {
	var none params.CharmOrigin
	reference, err := withoutRevision(j.url)
	if err != nil {
		return "", none, err
	}
	args := params.ResolveCharmsWithChannel{Resolve: []params.ResolveCharmWithChannel{{Reference: reference, Origin: j.origin}}}
	results, err := read(ctx, j.session, j.key(), resolveCharms(args))
	if err != nil {
		return "", none, err
	}
	found := results[0]
	if found.Error != nil {
		return "", none, refused(found.Error)
	}
	if !sameCharm(found.URL, j.To) {
		return "", none, j.anew(fmt.Sprintf("its channel %s has %s now, and the plan is for %s", channelOf(j.origin), found.URL, j.To))
	}
	if lacking, err := found.unsupported(j.origin.Base); err != nil {
		return "", none, err
	} else if len(lacking) > 0 {
		return "", none, declined(fmt.Sprintf("%s does not support its base, %s: only %s", found.URL, baseName(j.origin.Base), words(lacking)))
	}
	return found.URL, found.Origin, nil
}

// add makes the charm known to the model. The server looks for the channel's newest once
// more and takes that for what it was told to add: when it has become another one
// meanwhile, what it knows by that URL is not that charm. (apiserver/facades/client/charms/client.go
// queueAsyncCharmDownload)
func (j *refresh) add(ctx context.Context, url string, origin params.CharmOrigin) (params.CharmOrigin, error) {
	args := params.AddCharmWithOrigin{URL: url, Origin: origin}
	added, err := write(ctx, j.session, j.key(), refusing(ask[params.CharmOriginResult]("Charms", "AddCharm", args)))
	if err == nil && added.Error != nil {
		err = refused(added.Error)
	}
	if err != nil {
		return params.CharmOrigin{}, err
	}
	if added.Origin.Revision == nil || *added.Origin.Revision != revisionOf(url) {
		return params.CharmOrigin{}, j.anew(fmt.Sprintf("its channel %s has changed just now, and the plan is for %s", channelOf(j.origin), j.To))
	}
	return added.Origin, nil
}

// set has the application run the charm, as all its units do then that are not in error.
func (j *refresh) set(ctx context.Context, url string, origin params.CharmOrigin, pending map[string]string) error {
	_, err := write(ctx, j.session, j.key(), refusing(ask[struct{}]("Application", "SetCharm", params.ApplicationSetCharm{
		ApplicationName: j.Application,
		Generation:      coremodel.GenerationMaster,
		CharmURL:        url,
		CharmOrigin:     &origin,
		Channel:         origin.Risk,
		ResourceIDs:     pending,
	})))
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

// declined is a refusal in these words.
func declined(text string) error { return &fleet.Problem{Code: fleet.Refused, Text: text} }

// anew is a refusal of what only another plan cures.
func (j *refresh) anew(text string) error {
	return &fleet.Problem{Code: fleet.Refused, Text: text, Remedy: "juju upgrade-all plan -c " + j.controller.Name + " --charms-only"}
}

// sameCharm says that two URLs are of the same revision of a charm: servers differ in
// what else they write into one.
func sameCharm(a, b string) bool {
	one, other := fleet.Application{URL: a}, fleet.Application{URL: b}
	return one.Source() == other.Source() && one.Charm() == other.Charm() && one.Revision() == other.Revision()
}

func revisionOf(url string) int { return fleet.Application{URL: url}.Revision() }
