package contract

import (
	"strings"

	"github.com/juju/juju/rpc/params"
)

// resolved: what a channel has is told for each charm by itself. With the revision that
// is in use the channel that the application follows stays as it is.
func (r *refresher) resolved() {
	url, now := r.now("tiny")
	if !strings.HasSuffix(url, "/tiny-1") || now.ID == "" || now.Hash == "" || now.Source != "charm-hub" {
		r.Fatalf("%s, %+v", url, now)
	}
	if found := r.resolve("tiny", now)[0]; found.Error != nil || found.URL != url {
		r.Errorf("nothing newer: %+v, %v", found, found.Error)
	}
	r.must(r.env.Publish(r.Context(), "tiny", 2))
	byName, closed, unlisted, nowhere, other := now, now, now, now, now
	byName.ID, byName.Hash, byName.Revision = "", "", nil
	closed.Risk = "beta"
	unlisted.Risk, unlisted.Revision = "beta", nil
	track, three := "none", "3"
	nowhere.Track, other.Track = &track, &three
	found := r.resolve("tiny", now, byName, closed, unlisted, nowhere, other)
	for i, newer := range found[:2] {
		if newer.Error != nil || !strings.HasSuffix(newer.URL, "/tiny-2") || *newer.Origin.Revision != 2 {
			r.Errorf("newer (%d): %+v, %v", i, newer, newer.Error)
		}
	}
	if found[2].Error != nil || found[2].Origin.Risk != "beta" {
		r.Errorf("a closed risk, with the revision in use: %+v, %v", found[2], found[2].Error)
	}
	if found[3].Error != nil || found[3].Origin.Risk == "beta" {
		r.Errorf("a closed risk, without: %+v, %v", found[3], found[3].Error)
	}
	for _, missing := range found[4:] {
		if missing.Error == nil || missing.Error.Code != "" {
			r.Errorf("nothing in the channel for the base: %+v, %v", missing, missing.Error)
		}
	}
	// The two are told apart by a question without a base.
	nowhere.ID, nowhere.Hash, nowhere.Revision, nowhere.Base = "", "", nil, params.Base{}
	other.ID, other.Hash, other.Revision, other.Base = "", "", nil, params.Base{}
	found = r.resolve("tiny", nowhere, other)
	if found[0].Error == nil {
		r.Errorf("a track that is not there: %+v", found[0])
	}
	if bases := found[1].SupportedBases; found[1].Error != nil || len(bases) != 1 || !strings.HasPrefix(bases[0].Channel, "22.04") {
		r.Errorf("another base: %+v, %v", found[1], found[1].Error)
	}
}

// refused: the codes of SetCharm, which changes nothing then.
func (r *refresher) refused() {
	url, now := r.now("tiny")
	half := now
	half.Hash = ""
	r.refusedWith("an ID without a hash", params.CodeBadRequest, r.set("tiny", url, half, nil))
	r.refusedWith("a charm that was not added", params.CodeNotFound, r.set("tiny", strings.TrimSuffix(url, "1")+"77", now, nil))
	r.refusedWith("an unknown application", params.CodeNotFound, r.set("none", url, now, nil))
	r.refusedWith("information on a charm that was not added", params.CodeNotFound,
		r.ask("Charms", "CharmInfo", params.CharmURL{URL: strings.TrimSuffix(url, "1") + "77"}, &params.Charm{}))
	r.unmoved("tiny", url)
}

// blocked: only SetCharm is refused where all changes are blocked.
func (r *refresher) blocked() {
	url, _ := r.now("tiny")
	r.must(r.env.Block(r.Context(), true))
	newer, origin := r.add("tiny")
	err := r.set("tiny", newer, origin, nil)
	r.must(r.env.Block(r.Context(), false))
	r.refusedWith("a blocked change", params.CodeOperationBlocked, err)
	r.unmoved("tiny", url)
}

// unreachable: that Charmhub cannot be reached is told of each charm, without a code.
func (r *refresher) unreachable() {
	_, now := r.now("tiny")
	r.must(r.env.Reachable(r.Context(), false))
	found := r.resolve("tiny", now, now)
	r.must(r.env.Reachable(r.Context(), true))
	for _, f := range found {
		if f.Error == nil || f.Error.Code != "" {
			r.Errorf("%+v, %v", f, f.Error)
		}
	}
	r.eventually("the store is reached again", func() bool { return r.resolve("tiny", now)[0].Error == nil })
}

// assumed: Juju 3 refuses a charm that assumes what there is not, once it has it.
func (r *refresher) assumed() {
	url, now := r.now("future")
	track := "2"
	now.Track = &track
	found := r.resolve("future", now)[0]
	if found.Error != nil {
		r.Fatal(found.Error)
	}
	origin := r.addExactly(found.URL, found.Origin)
	var info params.Charm
	r.must(r.ask("Charms", "CharmInfo", params.CharmURL{URL: found.URL}, &info))
	if info.Meta == nil || info.Meta.AssumesExpr == nil {
		r.Errorf("what it assumes is not told: %+v", info.Meta)
	}
	if r.juju4() {
		return // it does not look (seen on 4.1-beta2)
	}
	r.refusedWith("assumptions", params.CodeNotSupported, r.set("future", found.URL, origin, nil))
	r.unmoved("future", url)
}
