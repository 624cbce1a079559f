package jujuapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/juju/juju/rpc"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// cargo is a hub whose application cargo, with a resource, has something newer.
func cargo(t *testing.T, version string) (*standIn, *hub, fleet.Refresh) {
	t.Helper()
	s := newStandIn(t, version, "3.6.11")
	h := newHub(s.source())
	h.publish("cargo", "1/stable", hubRelease{revision: 1, resources: map[string]int{"box": 1}})
	h.deploy("cargo", "cargo", "1/stable")
	h.publish("cargo", "1/stable", hubRelease{revision: 2, resources: map[string]int{"box": 5}})
	return s, h, fleet.Refresh{
		Application: "cargo", From: "ch:amd64/cargo-1", To: "ch:amd64/cargo-2", Channel: "1/stable", Base: "ubuntu@24.04",
		Resources: []fleet.Resource{{Name: "box", Type: "file", Now: 1, Then: 5}},
	}
}

func (s *standIn) refresh(r fleet.Refresh) error {
	if r.File != "" && r.To == "" {
		var err error
		if r.To, err = s.writer.Upload(context.Background(), sourceRef, modelRef, r); err != nil {
			return err
		}
	}
	return s.writer.Refresh(context.Background(), sourceRef, modelRef, r)
}

// changes are the calls so far that change something.
func (s *standIn) changes() []string {
	var out []string
	for _, method := range []string{"Charms.AddCharm", "Resources.AddPendingResources", "Application.SetCharm"} {
		for range s.source().sent(method) {
			out = append(out, method)
		}
	}
	return out
}

func TestARefreshBringsTheCharmAndItsResourcesTogether(t *testing.T) {
	for _, version := range []string{"2.9.52", "3.5.4", "3.6.11", "4.1.0"} {
		t.Run(version, func(t *testing.T) {
			s, h, r := cargo(t, version)
			if err := s.refresh(r); err != nil {
				t.Fatal(err)
			}
			if a := h.apps["cargo"]; a.url != r.To || a.resources["box"].Revision != 5 || a.hooks != 1 && !h.juju4 || *a.origin.Revision != 2 || channelOf(a.origin) != "1/stable" {
				t.Errorf("got %+v", a)
			}
			got, err := s.writer.Resources(context.Background(), sourceRef, modelRef, "cargo")
			if diff := cmp.Diff(map[string]int{"box": 5}, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
			if diff := cmp.Diff([]string{"Charms.AddCharm", "Resources.AddPendingResources", "Application.SetCharm"}, s.changes()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The expected texts are what the real client of 3.6.11 sends for a refresh to a revision.
func TestTheCallsOfARefreshAreThoseOfTheRealClient(t *testing.T) {
	s, _, r := cargo(t, "3.6.11")
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	origin := func(revision string) string {
		return `{"source":"charm-hub","type":"charm","id":"","risk":"stable",` + revision + `"track":"1","architecture":"amd64","base":{"name":"ubuntu","channel":"24.04"}}`
	}
	planned := origin(`"revision":2,`)
	for method, want := range map[string]string{
		"Charms.ResolveCharms": `{"resolve":[{"reference":"ch:amd64/cargo","charm-origin":` + origin("") + `}]}`,
		"Charms.AddCharm":      `{"url":"ch:amd64/cargo-2","charm-origin":` + planned + `,"force":false}`,
		"Resources.AddPendingResources": `{"tag":"application-cargo","url":"ch:amd64/cargo-2","charm-origin":` + planned +
			`,"macaroon":null,"resources":[{"name":"box","type":"file","path":"box.tgz","description":"of cargo","origin":"store","revision":5,"fingerprint":null,"size":0}]}`,
		"Application.GetCharmURLOrigin": `{"application":"cargo","branch":""}`,
		"Application.SetCharm": `{"application":"cargo","generation":"","charm-url":"ch:amd64/cargo-2","charm-origin":` + planned +
			`,"channel":"stable","force":false,"force-units":false,"force-base":false,"resource-ids":{"box":"pending-0"}}`,
	} {
		sent := s.source().sent(method)
		if len(sent) != 1 {
			t.Errorf("%s: %d calls", method, len(sent))
			continue
		}
		if diff := cmp.Diff(want, sent[0].args); diff != "" {
			t.Errorf("%s: %s", method, diff)
		}
	}
}

func TestWhatIsNotAsItWasPlannedIsRefusedBeforeAnythingIsChanged(t *testing.T) {
	for name, spoil := range map[string]func(h *hub){
		"taken back":            func(h *hub) { h.publish("cargo", "1/stable", hubRelease{revision: 1}) },
		"refreshed by somebody": func(h *hub) { h.apps["cargo"].url = "ch:amd64/cargo-7" },
		"another charm":         func(h *hub) { h.apps["cargo"].url = "ch:amd64/crane-1" },
	} {
		t.Run(name, func(t *testing.T) {
			s, h, r := cargo(t, "3.6.11")
			spoil(h)
			err := s.refresh(r)
			s.wants(err, fleet.Refused)
			if p := (*fleet.Problem)(nil); !errors.As(err, &p) || p.Remedy != "juju upgrade-all plan -c old --charms-only" {
				t.Errorf("got %v", err)
			}
			if changes := s.changes(); len(changes) > 0 {
				t.Errorf("sent %v", changes)
			}
		})
	}
}

// The plan is what is done: what is published later, be it at the worst of moments, is not
// taken for it.
func TestExactlyThePlannedRevisionIsAddedThoughThereIsANewerOne(t *testing.T) {
	for _, method := range []string{"Block.List", "Charms.ResolveCharms", "Charms.AddCharm", "Application.SetCharm"} {
		for _, version := range []string{"3.6.11", "4.1.0"} {
			s, h, r := cargo(t, version)
			h.before[method] = func() { h.publish("cargo", "1/stable", hubRelease{revision: 3, resources: map[string]int{"box": 6}}) }
			if err := s.refresh(r); err != nil {
				t.Errorf("%s, %s: %v", method, version, err)
			}
			if a := h.apps["cargo"]; a.url != r.To || *a.origin.Revision != 2 || h.known[r.To].Revision != 2 || a.resources["box"].Revision != 5 {
				t.Errorf("%s, %s: %+v of %+v", method, version, a, h.known[r.To])
			}
		}
	}
}

func TestACharmThatIsAnotherOneThanItsURLSaysIsNotSet(t *testing.T) {
	s, h, r := cargo(t, "3.6.11")
	three := 3
	s.source().says("Charms.AddCharm", params.CharmOriginResult{Origin: params.CharmOrigin{Source: "charm-hub", Revision: &three}})
	s.wants(s.refresh(r), fleet.Refused)
	if a := h.apps["cargo"]; a.url != r.From || len(s.source().sent("Application.SetCharm")) > 0 {
		t.Errorf("got %+v", a)
	}
}

func TestDisabledCommandsAreSeenBeforeAnythingIsChanged(t *testing.T) {
	s, h, r := cargo(t, "3.6.11")
	h.blocks = []params.Block{{Type: "BlockDestroy"}, {Type: "BlockChange", Message: "mind the canary"}}
	err := s.refresh(r)
	s.wants(err, fleet.Blocked)
	if p := (*fleet.Problem)(nil); !errors.As(err, &p) || p.Remedy != "juju enable-command all -m old:admin/web" {
		t.Errorf("got %v", err)
	}
	if changes := s.changes(); len(changes) > 0 {
		t.Errorf("sent %v", changes)
	}
	h.blocks = nil
	if err := s.refresh(r); err != nil {
		t.Error(err)
	}
}

func TestACharmThatAssumesMoreThanTheModelHasIsNotSet(t *testing.T) {
	for _, version := range []string{"3.6.11", "4.1.0"} {
		s, h, r := cargo(t, version)
		h.publish("cargo", "1/stable", hubRelease{revision: 2, resources: map[string]int{"box": 5}, assumes: `["juju >= 99", {"any-of": ["k8s-api", "juju < 1"]}]`})
		err := s.refresh(r)
		s.wants(err, fleet.Refused)
		if text := err.Error(); !strings.Contains(text, "99") || !strings.Contains(text, version) || !strings.Contains(text, "Kubernetes") || strings.Contains(text, "\n") {
			t.Errorf("got %q", text)
		}
		if a := h.apps["cargo"]; a.url != r.From || len(h.pending) > 0 || len(s.source().sent("Application.SetCharm")) > 0 {
			t.Errorf("got %+v, %v", a, h.pending)
		}
		h.known[r.To] = h.charm("cargo", hubRelease{revision: 2, base: "24.04", resources: map[string]int{"box": 5}, assumes: `["juju >= 2.9"]`})
		if err := s.refresh(r); err != nil {
			t.Error(err)
		}
	}
}

func TestABaseThatIsNotSupportedAnyMoreIsRefused(t *testing.T) {
	s, h, r := cargo(t, "3.6.11")
	h.revisions[r.To] = hubRelease{revision: 2, base: "22.04", resources: map[string]int{"box": 5}}
	err := s.refresh(r)
	s.wants(err, fleet.Refused)
	if !strings.Contains(err.Error(), "ubuntu@22.04") {
		t.Errorf("got %v", err)
	}
	if a := h.apps["cargo"]; a.url != r.From || len(h.pending) > 0 || len(s.source().sent("Application.SetCharm")) > 0 {
		t.Errorf("got %+v", a)
	}
}

func TestResourcesAloneAreRefreshedTooAndRunTheHooksOnce(t *testing.T) {
	for _, version := range []string{"3.6.11", "4.1.0"} {
		s, h, r := cargo(t, version)
		h.publish("cargo", "1/stable", hubRelease{revision: 1, resources: map[string]int{"box": 4}})
		r.To, r.Resources[0].Then = r.From, 4
		if err := s.refresh(r); err != nil {
			t.Fatal(err)
		}
		if a := h.apps["cargo"]; a.url != r.From || a.resources["box"].Revision != 4 || a.hooks != 1 || a.origin.ID != "id-of-cargo" {
			t.Errorf("%s: %+v", version, a)
		}
		if len(s.source().sent("Charms.AddCharm")) > 0 {
			t.Error("a charm was added")
		}
		s.wants(s.refresh(r), fleet.UpToDate)
		if a := h.apps["cargo"]; a.hooks != 1 {
			t.Errorf("%s: the hooks ran again", version)
		}
	}
}

func TestWhatCharmhubListsIsToldInOneLineThatIsAlwaysTheSame(t *testing.T) {
	const listed = "not found for channel \"1/stable\"\navailable releases are:\n  b: 24.04\n  a: 22.04"
	got := inOneLine(&fleet.Problem{Code: fleet.Refused, Text: listed, Remedy: "juju"})
	want := &fleet.Problem{Code: fleet.Refused, Text: "not found for channel \"1/stable\" available releases are: a: 22.04, b: 24.04", Remedy: "juju"}
	if diff := cmp.Diff(error(want), got); diff != "" {
		t.Error(diff)
	}
	if err := errors.New("two\nlines"); !errors.Is(inOneLine(err), err) {
		t.Error("what is not Juju's was changed")
	}
}

func TestJuju4DoesNotGiveAnApplicationAResourceThatItDoesNotHave(t *testing.T) {
	s, h, r := cargo(t, "4.1.0")
	delete(h.apps["cargo"].resources, "box")
	s.wants(s.refresh(r), fleet.Refused)
	if a := h.apps["cargo"]; a.url != r.From || a.hooks > 0 {
		t.Errorf("got %+v", a)
	}
}

func TestARefreshThatGoesBackWorksWhenThatIsPlanned(t *testing.T) {
	s, h, r := cargo(t, "3.6.11")
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	h.publish("cargo", "1/stable", hubRelease{revision: 1})
	back := fleet.Refresh{Application: "cargo", From: r.To, To: r.From, Channel: r.Channel}
	if err := s.refresh(back); err != nil {
		t.Fatal(err)
	}
	if a := h.apps["cargo"]; a.url != back.To || a.hooks != 2 {
		t.Errorf("got %+v", a)
	}
}

func TestWhatWasRefreshedAlreadyIsUpToDate(t *testing.T) {
	s, h, r := cargo(t, "3.6.11")
	for range 2 {
		if err := s.refresh(r); err != nil && fleet.CodeOf(err) != fleet.UpToDate {
			t.Fatal(err)
		}
	}
	if a := h.apps["cargo"]; a.hooks != 1 || len(s.source().sent("Application.SetCharm")) != 1 {
		t.Errorf("got %+v", a)
	}
}

// Wherever the connection breaks, before or after the server has done what it was asked
// for, the error passes, and a second attempt brings the application there: set once.
func TestARefreshThatIsCutAnywhereIsCompletedByTheNext(t *testing.T) {
	for _, method := range []string{"Block.List", "Application.GetCharmURLOrigin", "Charms.ResolveCharms", "Charms.AddCharm", "Charms.CharmInfo", "Resources.ListResources", "Resources.AddPendingResources", "Application.SetCharm"} {
		for _, done := range []bool{false, true} {
			s, h, r := cargo(t, "3.6.11")
			answers := s.source().answers[method]
			s.source().answers[method] = func(args json.RawMessage) (any, error) {
				if done {
					_, _ = answers(args)
				}
				return nil, io.ErrUnexpectedEOF
			}
			err := s.refresh(r)
			s.wants(err, fleet.Unreachable)
			if !fleet.Passing(err) {
				t.Errorf("%s: does not pass: %v", method, err)
			}
			s.source().answers[method] = answers
			if err := s.refresh(r); err != nil && fleet.CodeOf(err) != fleet.UpToDate {
				t.Errorf("%s, done %v: %v", method, done, err)
			}
			if a := h.apps["cargo"]; a.url != r.To || a.hooks != 1 || a.resources["box"].Revision != 5 {
				t.Errorf("%s, done %v: %+v", method, done, a)
			}
		}
	}
}

func TestNoChangeOfARefreshIsSentTwice(t *testing.T) {
	for _, method := range []string{"Charms.AddCharm", "Resources.AddPendingResources", "Application.SetCharm"} {
		s, h, r := cargo(t, "3.6.11")
		h.fails[method] = io.ErrUnexpectedEOF
		s.wants(s.refresh(r), fleet.Unreachable)
		if sent := s.source().sent(method); len(sent) != 1 {
			t.Errorf("%s was sent %d times", method, len(sent))
		}
	}
}

func TestTheCodesOfARefreshKeepTheirMeaning(t *testing.T) {
	for code, want := range map[string]fleet.ProblemCode{
		"":                               fleet.Refused,
		params.CodeOperationBlocked:      fleet.Blocked,
		params.CodeUnauthorized:          fleet.Forbidden,
		params.CodeNotFound:              fleet.NotFound,
		params.CodeNotSupported:          fleet.Refused,
		params.CodeBadRequest:            fleet.Refused,
		params.CodeIncompatibleBase:      fleet.Refused,
		params.CodeQuotaLimitExceeded:    fleet.Refused,
		params.CodeAppShouldNotHaveUnits: fleet.Refused,
		params.CodeNotImplemented:        fleet.Unsupported,
		params.CodeUpgradeInProgress:     fleet.Busy,
		"of the future":                  fleet.Other,
	} {
		for _, method := range []string{"Charms.AddCharm", "Application.SetCharm"} {
			s, h, r := cargo(t, "3.6.11")
			h.fails[method] = &rpc.RequestError{Code: code, Message: "no: https://me:canary@example.com"}
			want := want
			if code == "" && method == "Charms.AddCharm" {
				want = fleet.Other // Charmhub may not have been reached
			}
			err := s.refresh(r)
			s.wants(err, want)
			if h.apps["cargo"].url != r.From {
				t.Errorf("%s %q: it was set", method, code)
			}
		}
	}
}

func TestErrorsWithinTheAnswersOfARefreshAreErrors(t *testing.T) {
	refusal := func(code string) *params.Error { return &params.Error{Code: code, Message: "no"} }
	for name, test := range map[string]struct {
		method string
		answer any
		want   fleet.ProblemCode
	}{
		"no application":   {"Application.GetCharmURLOrigin", params.CharmURLOriginResult{Error: refusal(params.CodeNotFound)}, fleet.NotFound},
		"no such charm":    {"Charms.ResolveCharms", params.ResolveCharmWithChannelResults{Results: []params.ResolveCharmWithChannelResult{{Error: refusal("")}}}, fleet.Other},
		"no answer":        {"Charms.ResolveCharms", params.ResolveCharmWithChannelResults{}, fleet.Other},
		"not added":        {"Charms.AddCharm", params.CharmOriginResult{Error: refusal("")}, fleet.Other},
		"added, not told":  {"Charms.AddCharm", params.CharmOriginResult{}, fleet.Refused},
		"resource is gone": {"Resources.AddPendingResources", params.AddPendingResourcesResult{ErrorResult: params.ErrorResult{Error: refusal(params.CodeNotFound)}}, fleet.Refused},
		"no IDs":           {"Resources.AddPendingResources", params.AddPendingResourcesResult{}, fleet.Other},
		"no metadata":      {"Charms.CharmInfo", params.Charm{}, fleet.Refused},
	} {
		t.Run(name, func(t *testing.T) {
			s, h, r := cargo(t, "3.6.11")
			s.source().says(test.method, test.answer)
			s.wants(s.refresh(r), test.want)
			if h.apps["cargo"].url != r.From {
				t.Error("it was set")
			}
		})
	}
}

func TestACharmThatTheControllerStillFetchesIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h, r := cargo(t, "3.6.11")
		a := h.apps["cargo"]
		known := a.origin
		a.origin.ID, a.origin.Hash = "", ""
		begun := time.Now()
		h.before["Application.GetCharmURLOrigin"] = func() {
			if time.Since(begun) >= 5*time.Second {
				a.origin = known
			}
		}
		if err := s.refresh(r); err != nil {
			t.Fatal(err)
		}
		if a.url != r.To {
			t.Errorf("got %+v", a)
		}
	})
}

func TestADeploymentThatIsNeverCompleteIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h, r := cargo(t, "3.6.11")
		h.apps["cargo"].origin.ID, h.apps["cargo"].origin.Hash = "", ""
		begun := time.Now()
		s.wants(s.refresh(r), fleet.Refused)
		if took := time.Since(begun); took < 10*time.Second || took > time.Minute {
			t.Errorf("it took %s", took)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		if err := s.writer.Refresh(ctx, sourceRef, modelRef, r); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if changes := s.changes(); len(changes) > 0 {
			t.Errorf("sent %v", changes)
		}
	})
}

func TestJuju4NeedsNoIDOfWhatHasMigratedThere(t *testing.T) {
	s, h, r := cargo(t, "4.1.0")
	h.apps["cargo"].origin.ID, h.apps["cargo"].origin.Hash = "", ""
	if err := s.refresh(r); err != nil {
		t.Fatal(err)
	}
	if a := h.apps["cargo"]; a.url != r.To || a.origin.ID != "id-of-cargo" {
		t.Errorf("got %+v", a)
	}
}

func TestResourcesThatAnOperatorGaveHaveNoRevision(t *testing.T) {
	s, h, _ := cargo(t, "3.6.11")
	h.apps["cargo"].resources["mine"] = params.Resource{CharmResource: params.CharmResource{Name: "mine", Origin: "upload", Revision: 0}}
	got, err := s.writer.Resources(context.Background(), sourceRef, modelRef, "cargo")
	if diff := cmp.Diff(map[string]int{"box": 1, "mine": -1}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if sent := s.source().all(); sent != 1 {
		t.Errorf("%d calls", sent)
	}
	_, err = s.writer.Resources(context.Background(), sourceRef, modelRef, "gone")
	s.wants(err, fleet.NotFound)
}
