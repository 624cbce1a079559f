package jujuapi

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/juju/juju/rpc"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func all(string) bool { return true }

// asked looks at what Charmhub has for the applications of the hub's model.
func (s *standIn) asked(h *hub, wanted func(string) bool) map[string]fleet.Application {
	s.Helper()
	source, _ := s.controllers()
	apps, err := s.reader.Applications(context.Background(), source, h.look(), wanted)
	if err != nil {
		s.Fatal(err)
	}
	out := make(map[string]fleet.Application)
	for _, a := range apps {
		out[a.Name] = a
	}
	return out
}

func TestWhatTheChannelHasIsToldOfEachApplication(t *testing.T) {
	s := newStandIn(t, "3.6.11", "3.6.11")
	h := newHub(s.source())
	h.publish("tiny", "1/stable", hubRelease{revision: 1})
	h.publish("cargo", "latest/edge", hubRelease{revision: 7, resources: map[string]int{"box": 3}})
	h.deploy("same", "tiny", "1/stable")
	h.deploy("cargo", "cargo", "latest/edge").actions = []string{"resume-refresh", "pre-refresh-check"}
	h.apps["mine"] = &hubApp{url: "local:tiny-0", origin: params.CharmOrigin{Source: "local"}}
	h.publish("tiny", "2/stable", hubRelease{revision: 9})
	h.deploy("ahead", "tiny", "2/stable")
	h.publish("tiny", "2/stable", hubRelease{revision: 4})
	h.publish("cargo", "latest/edge", hubRelease{revision: 8, resources: map[string]int{"box": 4, "crate": 1}})
	got := s.asked(h, all)
	want := map[string]*fleet.Release{
		"same":  {URL: "ch:amd64/tiny-1", Revision: 1, Channel: "1/stable"},
		"ahead": {URL: "ch:amd64/tiny-4", Revision: 4, Channel: "2/stable", Actions: []string{}},
		"cargo": {
			URL: "ch:amd64/cargo-8", Revision: 8, Channel: "latest/edge", Actions: []string{"pre-refresh-check", "resume-refresh"},
			Resources: []fleet.Resource{{Name: "box", Type: "file", Now: 3, Then: 4}, {Name: "crate", Type: "file", Now: -1, Then: 1}},
		},
		"mine": nil,
	}
	for name, release := range want {
		if diff := cmp.Diff(release, got[name].Release); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if len(got) != len(want) || !got["cargo"].Newer() || got["same"].Newer() || !got["ahead"].OffChannel() {
		t.Errorf("got %+v", got)
	}
}

func TestTheServerIsAskedForTheChannelAndNotForARevision(t *testing.T) {
	s := newStandIn(t, "3.6.11", "3.6.11")
	h := newHub(s.source())
	h.publish("tiny", "1/stable", hubRelease{revision: 1})
	h.deploy("tiny", "tiny", "1/stable")
	s.asked(h, all)
	sent := s.source().sent("Charms.ResolveCharms")
	want := `{"resolve":[{"reference":"ch:amd64/tiny","charm-origin":{"source":"charm-hub","type":"charm","id":"","risk":"stable","track":"1",` +
		`"architecture":"amd64","base":{"name":"ubuntu","channel":"24.04/stable"}}}]}`
	if len(sent) != 1 || sent[0].args != want {
		t.Errorf("sent %+v", sent)
	}
}

func TestTheCallsForCharmsDoNotGrowWithTheApplications(t *testing.T) {
	calls := func(n int) int {
		s := newStandIn(t, "3.6.11", "3.6.11")
		h := newHub(s.source())
		for i := range n {
			name := fmt.Sprint("charm", i)
			h.publish(name, "1/stable", hubRelease{revision: 1, resources: map[string]int{"box": 1}})
			h.deploy(name, name, "1/stable")
			h.publish(name, "1/stable", hubRelease{revision: 2, resources: map[string]int{"box": 2}})
			closed := fmt.Sprint("closed", i)
			h.publish(closed, "1/stable", hubRelease{revision: 1})
			h.deploy(closed, closed, "1/stable")
			delete(h.releases, closed+" 1/stable")
		}
		s.asked(h, all)
		return s.source().all()
	}
	if one, many := calls(1), calls(40); one != many || one > 6 {
		t.Errorf("%d calls for 1, %d for 40", one, many)
	}
}

// TestWhatACharmAssumesIsAskedByADryRunAlone: any other such call would deploy it.
func TestWhatACharmAssumesIsAskedByADryRunAlone(t *testing.T) {
	for version, want := range map[string]string{"3.6.11": "charm requires Juju version >= 99.0.0, model has version 3.6.11", "2.9.52": ""} {
		s := newStandIn(t, version, version)
		h := newHub(s.source())
		for _, name := range []string{"future", "tiny", "same"} {
			h.publish(name, "1/stable", hubRelease{revision: 1})
			h.deploy(name, name, "1/stable")
		}
		h.publish("tiny", "1/stable", hubRelease{revision: 2})
		h.publish("future", "1/stable", hubRelease{revision: 2, assumes: "juju >= 99"})
		said := map[string]string{}
		for _, a := range s.asked(h, all) {
			said[a.Name] = a.Release.Objection
		}
		if said["future"] != want || said["tiny"]+said["same"] != "" {
			t.Errorf("%s: said is %q", version, said)
		}
		sent := s.source().sent("Application.DeployFromRepository")
		if asked := want != ""; asked != (len(sent) == 1) {
			t.Errorf("%s: sent %+v", version, sent)
		}
		for _, call := range sent {
			if n := strings.Count(call.args, `"DryRun":true`); n != 2 || strings.Count(call.args, `"CharmName"`) != n || strings.Contains(call.args, `"same"`) {
				t.Errorf("sent %s", call.args)
			}
		}
	}
}

func TestWhatIsTheSameOfSeveralApplicationsIsAskedOnce(t *testing.T) {
	s := newStandIn(t, "3.6.11", "3.6.11")
	h := newHub(s.source())
	h.publish("cargo", "1/stable", hubRelease{revision: 1, resources: map[string]int{"box": 1}})
	h.publish("cargo", "2/stable", hubRelease{revision: 1, resources: map[string]int{"box": 1}})
	for _, name := range []string{"a", "b", "c"} {
		h.deploy(name, "cargo", "1/stable")
	}
	h.deploy("other", "cargo", "2/stable")
	h.publish("cargo", "1/stable", hubRelease{revision: 2, resources: map[string]int{"box": 2}})
	for name, a := range s.asked(h, all) {
		if a.Newer() != (name != "other") || len(a.Release.Resources) != 1 {
			t.Errorf("%s: %+v", name, a.Release)
		}
	}
	for _, method := range []string{"Charms.ResolveCharms", "Charms.ListCharmResources"} {
		if sent := s.source().sent(method); len(sent) != 1 || strings.Count(sent[0].args, `"source"`) != 2 {
			t.Errorf("sent %+v", sent)
		}
	}
}

func TestACharmhubThatNeverAnswersDoesNotHoldTheLookUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStandIn(t, "3.6.11", "3.6.11")
		h := newHub(s.source())
		h.publish("tiny", "1/stable", hubRelease{revision: 1})
		h.deploy("tiny", "tiny", "1/stable")
		frozen := make(chan struct{})
		defer close(frozen)
		h.before["Charms.ResolveCharms"] = func() { <-frozen }
		source, _ := s.controllers()
		begun := time.Now()
		_, err := s.reader.Applications(context.Background(), source, h.look(), all)
		s.wants(err, fleet.Unreachable)
		if took := time.Since(begun); took > 5*time.Minute || !strings.Contains(err.Error(), "Charmhub") {
			t.Errorf("%v after %s", err, took)
		}
	})
}

func TestOnlyWantedApplicationsAreAskedFor(t *testing.T) {
	s := newStandIn(t, "3.6.11", "3.6.11")
	h := newHub(s.source())
	h.publish("tiny", "1/stable", hubRelease{revision: 1})
	for _, name := range []string{"a", "b", "c"} {
		h.deploy(name, "tiny", "1/stable")
	}
	got := s.asked(h, func(name string) bool { return name == "b" })
	if _, ok := got["b"]; !ok || len(got) != 1 {
		t.Errorf("got %+v", got)
	}
	if sent := s.source().sent("Charms.ResolveCharms"); len(sent) != 1 || strings.Count(sent[0].args, "reference") != 1 {
		t.Errorf("sent %+v", sent)
	}
	s.asked(h, func(string) bool { return false })
	if sent := s.source().all(); sent != 2 {
		t.Errorf("%d calls, though nothing was wanted the second time", sent)
	}
}

func TestABaseThatTheChannelLeftBehindIsTold(t *testing.T) {
	s := newStandIn(t, "3.6.11", "3.6.11")
	h := newHub(s.source())
	h.publish("tiny", "3/stable", hubRelease{revision: 1})
	h.deploy("tiny", "tiny", "3/stable")
	h.publish("tiny", "3/stable", hubRelease{revision: 22, base: "22.04"})
	got := s.asked(h, all)["tiny"].Release
	if got.Problem != nil || got.Revision != 22 || !slices.Equal(got.Bases, []string{"ubuntu@22.04"}) {
		t.Errorf("got %+v", got)
	}
	if sent := s.source().sent("Charms.ListCharmResources"); len(sent) > 0 {
		t.Error("resources were asked for that it cannot get")
	}
}

func TestAServerThatNamesSeriesSaysTheSameOfBases(t *testing.T) {
	for series, want := range map[string][]string{"noble": nil, "jammy": {"ubuntu@22.04"}} {
		s := newStandIn(t, "3.2.4", "3.6.11")
		h := newHub(s.source())
		h.publish("tiny", "3/stable", hubRelease{revision: 1})
		h.deploy("tiny", "tiny", "3/stable")
		s.source().says("Charms.ResolveCharms", map[string]any{"Results": []any{map[string]any{
			"url": "ch:amd64/" + series + "/tiny-22", "charm-origin": params.CharmOrigin{Risk: "stable"}, "supported-series": []string{series},
		}}})
		if got := s.asked(h, all)["tiny"].Release; got.Revision != 22 || !slices.Equal(got.Bases, want) {
			t.Errorf("%s: %+v", series, got)
		}
	}
}

func TestWhatCharmhubDoesNotTellOfOneApplicationIsThatOnes(t *testing.T) {
	s := newStandIn(t, "3.6.11", "3.6.11")
	h := newHub(s.source())
	h.publish("tiny", "1/stable", hubRelease{revision: 1})
	h.publish("gone", "1/stable", hubRelease{revision: 1})
	h.deploy("tiny", "tiny", "1/stable")
	h.deploy("gone", "gone", "1/stable")
	delete(h.releases, "gone 1/stable")
	got := s.asked(h, all)
	if p := got["gone"].Release.Problem; p == nil || p.Code != fleet.Other || !strings.Contains(p.Text, "1/stable") || got["gone"].Release.URL != "" {
		t.Errorf("got %+v", got["gone"].Release)
	}
	if p := got["tiny"].Release.Problem; p != nil {
		t.Errorf("got %+v", p)
	}
	h.away = true
	for _, a := range s.asked(h, all) {
		if p := a.Release.Problem; p == nil || strings.Contains(p.Text, "canary") {
			t.Errorf("%s: %+v", a.Name, a.Release)
		}
	}
}

func TestAnErrorWithACodeKeepsItsMeaning(t *testing.T) {
	for code, want := range map[string]fleet.ProblemCode{
		params.CodeNotFound: fleet.NotFound, params.CodeNotValid: fleet.Refused, params.CodeUnauthorized: fleet.Forbidden, "": fleet.Other,
	} {
		s := newStandIn(t, "3.6.11", "3.6.11")
		h := newHub(s.source())
		h.publish("tiny", "1/stable", hubRelease{revision: 1})
		h.deploy("tiny", "tiny", "1/stable")
		s.source().says("Charms.ResolveCharms", params.ResolveCharmWithChannelResults{
			Results: []params.ResolveCharmWithChannelResult{{Error: &params.Error{Code: code, Message: "no"}}},
		})
		if p := s.asked(h, all)["tiny"].Release.Problem; p == nil || p.Code != want {
			t.Errorf("%q: got %+v, want %s", code, p, want)
		}
	}
}

func TestAnApplicationThatSpoilsTheBatchOfResourcesSpoilsOnlyItself(t *testing.T) {
	s := newStandIn(t, "3.6.11", "3.6.11")
	h := newHub(s.source())
	for _, name := range []string{"bad", "one", "two"} {
		h.publish(name, "1/stable", hubRelease{revision: 1, resources: map[string]int{"box": 1}})
		h.deploy(name, name, "1/stable")
		h.publish(name, "1/stable", hubRelease{revision: 1, resources: map[string]int{"box": 2}})
	}
	h.before["Charms.ListCharmResources"] = func() { delete(h.releases, "bad 1/stable") }
	got := s.asked(h, all)
	if p := got["bad"].Release.Problem; p == nil || p.Code != fleet.Other {
		t.Errorf("got %+v", got["bad"].Release)
	}
	for _, name := range []string{"one", "two"} {
		if !got[name].Newer() {
			t.Errorf("%s: %+v", name, got[name].Release)
		}
	}
	if sent := s.source().sent("Charms.ListCharmResources"); len(sent) != 4 {
		t.Errorf("%d calls", len(sent))
	}
}

func TestACallThatFailsForAllIsAnErrorOfTheLook(t *testing.T) {
	for _, method := range []string{"Charms.ResolveCharms", "Resources.ListResources", "Charms.ListCharmResources"} {
		for code, want := range map[string]fleet.ProblemCode{
			params.CodeUnauthorized: fleet.Forbidden, params.CodeNotImplemented: fleet.Unsupported, params.CodeUpgradeInProgress: fleet.Busy,
		} {
			s := newStandIn(t, "3.6.11", "3.6.11")
			h := newHub(s.source())
			h.publish("cargo", "1/stable", hubRelease{revision: 1, resources: map[string]int{"box": 1}})
			h.deploy("cargo", "cargo", "1/stable")
			h.deploy("other", "cargo", "1/stable")
			h.fails[method] = &rpc.RequestError{Code: code, Message: "no, canary"}
			source, _ := s.controllers()
			got, err := s.reader.Applications(context.Background(), source, h.look(), all)
			if fleet.CodeOf(err) != want || got != nil {
				t.Errorf("%s %s: %v, %v", method, code, got, err)
			}
			if sent := s.source().sent(method); len(sent) > 2 {
				t.Errorf("%s %s: %d calls", method, code, len(sent))
			}
		}
	}
}

func TestWhoMayNotAskForActionsMayPlanAllTheSame(t *testing.T) {
	s := newStandIn(t, "3.6.11", "3.6.11")
	h := newHub(s.source())
	h.publish("tiny", "1/stable", hubRelease{revision: 1})
	h.deploy("tiny", "tiny", "1/stable")
	h.publish("tiny", "1/stable", hubRelease{revision: 2})
	h.fails["Action.ApplicationsCharmsActions"] = &rpc.RequestError{Code: params.CodeUnauthorized, Message: "permission denied"}
	if got := s.asked(h, all)["tiny"]; !got.Newer() || got.Release.Actions != nil {
		t.Errorf("got %+v", got.Release)
	}
	h.fails["Action.ApplicationsCharmsActions"] = &rpc.RequestError{Code: params.CodeUpgradeInProgress, Message: "later"}
	source, _ := s.controllers()
	_, err := s.reader.Applications(context.Background(), source, h.look(), all)
	s.wants(err, fleet.Busy)
}

func TestAServerOf29IsAskedInTheVersionsThatItHas(t *testing.T) {
	s := newStandIn(t, "2.9.52", "3.6.11")
	h := newHub(s.source())
	h.publish("tiny", "1/stable", hubRelease{revision: 1})
	h.deploy("tiny", "tiny", "1/stable")
	h.apps["ancient"] = &hubApp{url: "cs:ubuntu-12", origin: params.CharmOrigin{Source: "charm-store"}}
	got := s.asked(h, all)
	if got["ancient"].Release != nil || got["tiny"].Release.Revision != 1 {
		t.Errorf("got %+v", got)
	}
	if sent := s.source().sent("Charms.ResolveCharms"); len(sent) != 1 || sent[0].version != 5 {
		t.Errorf("sent %+v", sent)
	}
}

// What is put together is by name, has everything that either side has, and never says
// that what an operator gave would change.
func TestResourcesOfBothSidesArePutTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SampledFrom([]string{"a", "b", "c", "d10", "d9"})
		revision := rapid.IntRange(0, 3)
		var (
			now  []params.Resource
			then []params.CharmResource
		)
		used, has := map[string]params.Resource{}, map[string]int{}
		for _, name := range rapid.SliceOfDistinct(names, rapid.ID[string]).Draw(t, "used") {
			r := params.Resource{CharmResource: params.CharmResource{
				Name: name, Origin: rapid.SampledFrom([]string{"store", "upload"}).Draw(t, "origin"), Revision: revision.Draw(t, "now"),
			}}
			now, used[name] = append(now, r), r
		}
		for _, name := range rapid.SliceOfDistinct(names, rapid.ID[string]).Draw(t, "has") {
			r := params.CharmResource{Name: name, Origin: "store", Revision: revision.Draw(t, "then")}
			then, has[name] = append(then, r), r.Revision
		}
		got := resourcesOf(now, then)
		seen := map[string]bool{}
		for i, r := range got {
			if i > 0 && fleet.CompareNatural(got[i-1].Name, r.Name) >= 0 {
				t.Fatalf("not by name: %+v", got)
			}
			seen[r.Name] = true
			cur, isUsed := used[r.Name]
			newest, isThere := has[r.Name]
			want := isThere && (!isUsed || cur.Origin == "store" && cur.Revision < newest)
			if r.Changes() != want {
				t.Fatalf("%+v changes: %v, want %v", r, r.Changes(), want)
			}
		}
		for name := range used {
			if !seen[name] {
				t.Fatalf("%s is missing", name)
			}
		}
		for name := range has {
			if !seen[name] {
				t.Fatalf("%s is missing", name)
			}
		}
	})
}
