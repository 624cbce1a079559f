package jujutest_test

import (
	"strings"
	"testing"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestWhatAChannelHasIsResolvedAsCharmhubAnswersIt(t *testing.T) {
	a := ofCharm(t, "tiny")
	a.publish(5)
	for name, test := range map[string]struct {
		change  func(*params.CharmOrigin)
		url     string
		channel string
		bases   int
		refused string
	}{
		"as the application is": {nil, "ch:amd64/tiny-5", "1/stable", 2, ""},
		"by name": {func(o *params.CharmOrigin) { o.ID, o.Hash, o.Revision = "", "", nil },
			"ch:amd64/tiny-5", "1/stable", 1, ""},
		"by revision": {func(o *params.CharmOrigin) { o.ID, o.Hash = "", "" },
			"ch:amd64/tiny-1", "1/stable", 2, ""},
		"of a risk that is closed": {func(o *params.CharmOrigin) { o.Risk, o.Revision = "edge", nil },
			"ch:amd64/tiny-2", "1/candidate", 1, ""},
		"of a risk that is closed, with a revision": {func(o *params.CharmOrigin) { o.Risk = "edge" },
			"ch:amd64/tiny-2", "1/edge", 2, ""},
		"of a track that is not there":       {func(o *params.CharmOrigin) { o.Track = ptr("7") }, "", "", 0, "charm or bundle not found"},
		"for a base that it has nothing for": {func(o *params.CharmOrigin) { o.Track = ptr("3") }, "", "", 0, "charm or bundle not found"},
		"of no architecture":                 {func(o *params.CharmOrigin) { o.Architecture = "" }, "", "", 0, "empty architecture"},
		"of an unknown charm":                {func(o *params.CharmOrigin) { o.ID = "x" }, "", "", 0, "ID x was not found"},
	} {
		t.Run(name, func(t *testing.T) {
			got := a.resolve(test.change)
			if test.refused != "" {
				if got.Error == nil || !strings.Contains(got.Error.Message, test.refused) {
					t.Errorf("%+v, want %q", got, test.refused)
				}
				return
			}
			channel := deref(got.Origin.Track) + "/" + got.Origin.Risk
			if got.Error != nil || got.URL != test.url || channel != test.channel || len(got.SupportedBases) != test.bases {
				t.Errorf("%+v of %s (%v), want %+v", got, channel, got.Error, test)
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestOneCharmThatCannotBeResolvedDoesNotSpoilTheOthers(t *testing.T) {
	a := appOf(t, start(t, charmed("3.6.11")), "tiny")
	good, bad := a.origin(), a.origin()
	bad.Origin.ID = "x"
	var out params.ResolveCharmWithChannelResults
	args := params.ResolveCharmsWithChannel{Resolve: []params.ResolveCharmWithChannel{
		{Reference: "ch:amd64/tiny", Origin: bad.Origin}, {Reference: "ch:amd64/tiny", Origin: good.Origin}}}
	if err := a.call("Charms", 7, "ResolveCharms", args, &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Results) != 2 || out.Results[0].Error == nil || out.Results[1].Error != nil {
		t.Errorf("%+v", out.Results)
	}
	one := params.CharmURLAndOrigins{Entities: []params.CharmURLAndOrigin{
		{CharmURL: "ch:amd64/tiny", Origin: bad.Origin}, {CharmURL: "ch:amd64/tiny", Origin: good.Origin}}}
	if err := a.call("Charms", 7, "ListCharmResources", one, &params.CharmResourcesResults{}); err == nil {
		t.Error("of resources, one error is not that of all")
	}
}

func TestABaseThatACharmDoesNotSupportIsAnsweredWithAnother(t *testing.T) {
	text := strings.Replace(charmed("3.6.11"), "    - name: tiny\n", "    - name: tiny\n      offers-other-base: true\n", 1)
	a := appOf(t, start(t, text), "tiny")
	got := a.resolve(func(o *params.CharmOrigin) { o.Track = ptr("3") })
	if got.Error != nil || got.URL != "ch:amd64/tiny-22" || got.Origin.Base.Channel != "22.04/stable" ||
		len(got.SupportedBases) != 1 || got.SupportedBases[0].Channel != "22.04" {
		t.Errorf("%+v, %v", got, got.Error)
	}
}

func TestOldFacadesTellSeries(t *testing.T) {
	a := appOf(t, start(t, charmed("3.5.4")), "tiny")
	now := a.origin()
	var out params.ResolveCharmWithChannelResultsV6
	args := params.ResolveCharmsWithChannel{Resolve: []params.ResolveCharmWithChannel{{Reference: "ch:amd64/tiny", Origin: now.Origin}}}
	if err := a.call("Charms", 6, "ResolveCharms", args, &out); err != nil {
		t.Fatal(err)
	}
	if r := out.Results[0]; r.URL != "ch:amd64/noble/tiny-1" || len(r.SupportedSeries) != 2 || r.SupportedSeries[0] != "jammy" {
		t.Errorf("%+v", r)
	}
}

func TestWhatIsPublishedAfterACharmWasResolvedIsWhatTheModelGets(t *testing.T) {
	for version, want := range map[string]string{"3.6.11": "", "4.1.0": params.CodeNotFound} {
		a := appOf(t, start(t, charmed(version)), "tiny")
		a.publish(2)
		found := a.resolve(nil)
		a.publish(3)
		var out params.CharmOriginResult
		if err := a.call("Charms", 7, "AddCharm", params.AddCharmWithOrigin{URL: found.URL, Origin: found.Origin}, &out); err != nil {
			t.Fatal(err)
		}
		if *out.Origin.Revision != 3 {
			t.Errorf("%s: revision %d, want the newer one", version, *out.Origin.Revision)
		}
		if err := a.set(found.URL, out.Origin, nil); params.ErrCode(err) != want {
			t.Errorf("%s: %v, want code %q", version, err, want)
		}
	}
}

func TestACharmThatIsNotThereYetKeepsItsActionsToItself(t *testing.T) {
	a := appOf(t, start(t, charmed("3.6.11")), "tiny")
	info := func(url string) (params.Charm, error) {
		var out params.Charm
		err := a.call("Charms", 7, "CharmInfo", params.CharmURL{URL: url}, &out)
		return out, err
	}
	if _, err := info("ch:amd64/tiny-2"); !params.IsCodeNotFound(err) {
		t.Errorf("before it was added: %v", err)
	}
	a.publish(2)
	url := a.refresh()
	if got, err := info(url); err != nil || got.Actions != nil || got.Meta.Name != "tiny" {
		t.Errorf("before it was fetched: %+v, %v", got, err)
	}
	a.settles()
	if got, err := info(url); err != nil || got.Actions == nil || len(got.Actions.ActionSpecs) != 1 {
		t.Errorf("after: %+v, %v", got, err)
	}
	var actions params.ApplicationsCharmActionsResults
	if err := a.call("Action", 7, "ApplicationsCharmsActions", params.Entities{Entities: []params.Entity{{Tag: "application-tiny"}, {Tag: "application-none"}}}, &actions); err != nil {
		t.Fatal(err)
	}
	if _, has := actions.Results[0].Actions["pre-refresh-check"]; !has || actions.Results[1].Error == nil {
		t.Errorf("%+v", actions)
	}
}

func TestSetCharmIsRefusedWithTheCodesOfItsVersion(t *testing.T) {
	for version, codes := range map[string]struct{ assumes, base, charm string }{
		"3.6.11": {params.CodeNotSupported, "", ""}, "4.1.0": {"-", "incompatible base", "-"},
	} {
		t.Run(version, func(t *testing.T) {
			w := start(t, charmed(version))
			a := appOf(t, w, "tiny")
			good := a.origin()
			check := func(what, code string, err error) {
				t.Helper()
				if code == "-" {
					if err != nil {
						t.Errorf("%s: %v", what, err)
					}
				} else if err == nil || params.ErrCode(err) != code {
					t.Errorf("%s: %v, want code %q", what, err, code)
				}
			}
			half := good.Origin
			half.Hash = ""
			check("ID without hash", params.CodeBadRequest, a.set(good.URL, half, nil))
			check("charm that was not added", params.CodeNotFound, a.set("ch:amd64/tiny-77", good.Origin, nil))
			none := a
			none.name = "none"
			check("unknown application", params.CodeNotFound, none.set(good.URL, good.Origin, nil))

			if err := w.Block("prod", "web", "all"); err != nil {
				t.Fatal(err)
			}
			check("blocked", params.CodeOperationBlocked, a.set(good.URL, good.Origin, nil))
			if err := w.Block("prod", "web"); err != nil {
				t.Fatal(err)
			}
			if n := len(w.CallsOf("Application.SetCharm")); n != 4 {
				t.Errorf("%d calls", n)
			}
			for _, call := range w.CallsOf("Application.SetCharm") {
				if call.Effect {
					t.Errorf("a refused call changed something: %+v", call)
				}
			}

			a.publish(99)
			url, origin := a.add()
			check("assumes", codes.assumes, a.set(url, origin, nil))

			other := good.Origin
			other.ID, other.Hash, other.Revision, other.Base.Channel, other.Track = "", "", ptr(22), "22.04/stable", ptr("3")
			var added params.CharmOriginResult
			if err := a.call("Charms", 7, "AddCharm", params.AddCharmWithOrigin{URL: "ch:amd64/tiny-22", Origin: other}, &added); err != nil {
				t.Fatal(err)
			}
			check("base", codes.base, a.set("ch:amd64/tiny-22", other, nil))
			own := other
			own.Base = good.Origin.Base
			check("a charm for another base", codes.charm, a.set("ch:amd64/tiny-22", own, nil))
		})
	}
}

func TestTheSameCharmTwiceIsNothingNewToUnits(t *testing.T) {
	a := appOf(t, start(t, charmed("3.6.11")), "tiny")
	now := a.origin()
	now.Origin.Risk = "candidate"
	if err := a.set(now.URL, now.Origin, nil); err != nil {
		t.Fatal(err)
	}
	if c := a.truth(); !c.Settled() || c.Channel != "1/candidate" {
		t.Errorf("%+v", c)
	}
}

func TestAChannelThatCannotBeReachedIsOneErrorForEachCharm(t *testing.T) {
	a := ofCharm(t, "tiny")
	end, err := a.world.Inject("prod", estate.Fault{Kind: estate.FaultCharmhub})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.resolve(nil); got.Error == nil || got.Error.Code != "" {
		t.Errorf("%+v", got)
	}
	end()
	if got := a.resolve(nil); got.Error != nil {
		t.Errorf("once mended: %v", got.Error)
	}
}
