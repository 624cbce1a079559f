package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

const registrationsFile = "/home/op/.local/share/juju/upgrade-all/17/registrations.yaml"

func person(name string, comes plan.Coming, change ...func(*HandoverPerson)) HandoverPerson {
	h := HandoverPerson{Person: plan.Person{Name: name, Access: fleet.AccessLogin, Comes: comes}, Run: 17, Exists: true}
	if comes == plan.Registers || comes == plan.HasPassword || comes == plan.Restored {
		h.Made = at(10 * time.Minute)
	}
	h.HasString = comes == plan.Registers
	for _, f := range change {
		f(&h)
	}
	if h.HasString && h.File == "" {
		h.File = registrationsFile
	}
	return h
}

func seen(d time.Duration) func(*HandoverPerson) {
	return func(h *HandoverPerson) { h.LastLogin = at(d) }
}

// by16 is somebody whom an earlier run to the same target has made.
func by16(h *HandoverPerson) {
	if h.Run = 16; h.HasString {
		h.File = strings.Replace(registrationsFile, "17", "16", 1)
	}
}

// stringLost is a new string that was asked for, and whose answer did not come, or came to
// nobody.
func stringLost(h *HandoverPerson) { h.HasString, h.Lost, h.Before = false, true, h.LastLogin }

func gone(h *HandoverPerson) { h.Exists = false }

func handedOver(people ...HandoverPerson) HandoverView {
	return HandoverView{Run: 17, Source: fleet.Ref{Name: "old", UUID: "old-uuid"}, Target: fleet.Ref{Name: "new", UUID: "new-uuid"},
		People: people, Now: at(3 * time.Hour)}
}

// everyone is a hand-over with a user in each state.
func everyone() HandoverView {
	return handedOver(
		person("admin", plan.WasThere, seen(time.Hour)),
		person("alice", plan.Registers, seen(31*time.Minute)),
		person("bob", plan.Registers),
		person("carol@corp", plan.External, gone),
		person("dan", plan.Registers, func(h *HandoverPerson) { h.Disabled = true }),
		person("eve", plan.Registers, gone),
		person("fay", plan.Registers, func(h *HandoverPerson) { h.HasString = false }),
		person("gil", plan.Registers, gone, func(h *HandoverPerson) { h.Made, h.HasString = time.Time{}, false }),
		person("robot", plan.HasPassword),
		person("sue", plan.Restored),
		person("zed", plan.StaysOut, gone),
	)
}

func handovers() map[string]HandoverView {
	unasked := everyone()
	unasked.Problem = &fleet.Problem{Code: fleet.Unreachable, Text: "no answer in time", Remedy: "juju show-controller new"}
	for i := range unasked.People {
		h := &unasked.People[i]
		h.Exists, h.Disabled, h.LastLogin = false, false, time.Time{}
	}
	return map[string]HandoverView{
		"everyone": everyone(), "unasked": unasked, "nobody": handedOver(),
		"all-came":    handedOver(person("alice", plan.Registers, seen(time.Hour)), person("robot", plan.HasPassword, seen(time.Hour))),
		"lost":        handedOver(person("alice", plan.Registers, stringLost), person("rob", plan.WasThere, seen(time.Hour), stringLost), person("sue", plan.Restored, stringLost)),
		"two-runs":    handedOver(person("alice", plan.Registers, by16), person("bob", plan.Registers), person("carl", plan.Registers, by16), person("dora", plan.WasThere), person("robot", plan.HasPassword, by16)),
		"came-by-two": handedOver(person("alice", plan.Registers, by16, seen(time.Hour)), person("bob", plan.Registers, seen(time.Hour))),
		"only-others": handedOver(person("admin", plan.ComesWithIt), person("root", plan.WasThere, seen(time.Hour)), person("sam", plan.StaysOut), person("tim", plan.StaysOut, seen(time.Hour)), person("carol@corp", plan.External)),
	}
}

func TestAHandoverReads(t *testing.T) {
	for name, v := range handovers() {
		golden(t, "handover-"+name, draw(t, func(b *strings.Builder) error { return Handover(b, v, terminal) }))
	}
}

func TestAHandoverIsToldInADocument(t *testing.T) {
	for name, v := range map[string]any{"handover": HandoverDocument(everyone()), "reissued": ReissuedDocument(reissued(true))} {
		var y bytes.Buffer
		if err := Encode(&y, "yaml", v); err != nil {
			t.Fatal(err)
		}
		golden(t, "document-"+name+".yaml", y.String())
	}
}

// TestWhoWasSeenBeforeBeingMadeHasNotLoggedIn: a backup brings old logins along, and a
// new string makes those before it say nothing.
func TestWhoWasSeenBeforeBeingMadeHasNotLoggedIn(t *testing.T) {
	for name, test := range map[string]struct {
		who  HandoverPerson
		want handoverState
	}{
		"never seen":                          {person("bob", plan.Registers), notYet},
		"seen, by a clock that is behind":     {person("bob", plan.Registers, seen(9*time.Minute)), loggedIn},
		"seen before the new string only":     {person("bob", plan.Registers, seen(9*time.Minute), func(h *HandoverPerson) { h.Before = at(9 * time.Minute) }), notYet},
		"asked for a new one, that is lost":   {person("bob", plan.Registers, stringLost), notYet},
		"seen, and then lost":                 {person("bob", plan.Registers, seen(9*time.Minute), stringLost), notYet},
		"was there, and then lost":            {person("bob", plan.WasThere, seen(9*time.Minute), stringLost), notYet},
		"came with it, and then lost":         {person("admin", plan.ComesWithIt, seen(9*time.Minute), stringLost), notYet},
		"lost, and the old one was used":      {person("bob", plan.Registers, stringLost, seen(9*time.Minute)), loggedIn},
		"lost, and the old password was used": {person("bob", plan.WasThere, seen(9*time.Minute), stringLost, seen(time.Hour)), loggedIn},
		"seen after the new string":           {person("bob", plan.Registers, seen(9*time.Minute), func(h *HandoverPerson) { h.Before = at(8 * time.Minute) }), loggedIn},
		"seen after":                          {person("bob", plan.Registers, seen(11*time.Minute)), loggedIn},
		"restored, seen on the old":           {person("bob", plan.Restored, seen(-time.Hour)), notYet},
		"restored, seen since":                {person("bob", plan.Restored, seen(11*time.Minute)), loggedIn},
		"was there":                           {person("bob", plan.WasThere, seen(11*time.Minute)), wasThere},
		"was there, with a new string":        {person("bob", plan.WasThere, func(h *HandoverPerson) { h.HasString, h.Made = true, at(time.Hour) }), notYet},
		"was there, and was never seen":       {person("bob", plan.WasThere), notYet},
		"was there, and is not any more":      {person("bob", plan.WasThere, gone), goneUser},
		"made with the controller":            {person("admin", plan.ComesWithIt, seen(time.Hour), func(h *HandoverPerson) { h.HasString = false }), cameWithIt},
		"made by somebody after all":          {person("bob", plan.StaysOut), wasThere},
		"disabled":                            {person("bob", plan.Registers, seen(time.Hour), func(h *HandoverPerson) { h.Disabled = true }), disabledUser},
		"external, whom the target lists":     {person("bob@corp", plan.External, seen(time.Hour)), externalUser},
		"not made yet":                        {person("bob", plan.Registers, gone, func(h *HandoverPerson) { h.Made = time.Time{} }), toMake},
		"a password that was used":            {person("bot", plan.HasPassword, seen(time.Hour)), loggedIn},
		"a password that was not used":        {person("bot", plan.HasPassword), notYet},
		"made, and removed by somebody":       {person("bob", plan.Registers, gone), goneUser},
		"not made, and not meant to be":       {person("bob", plan.StaysOut, gone), notMade},
		"seen in the moment of being made":    {person("bob", plan.Registers, seen(10*time.Minute)), loggedIn},
		"restored, nobody knows when":         {person("bob", plan.Restored, seen(11*time.Minute), func(h *HandoverPerson) { h.Made = time.Time{} }), notYet},
		"of whom the plan knows no more":      {person("bob", ""), notYet},
		"restored, with a new string since":   {person("bob", plan.Restored, seen(11*time.Minute), func(h *HandoverPerson) { h.Made = at(time.Hour) }), notYet},
	} {
		if got := handedOver().state(test.who); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// TestATargetThatWasNotAskedSaysNothingOfItsUsers: what is not known is neither good
// nor bad.
func TestATargetThatWasNotAskedSaysNothingOfItsUsers(t *testing.T) {
	v := handovers()["unasked"]
	got := draw(t, func(b *strings.Builder) error { return Handover(b, v, terminal) })
	for _, word := range []string{"logged in  ", "not yet", "gone"} {
		if strings.Contains(got, word) {
			t.Errorf("it says %q\n%s", word, got)
		}
	}
	if doc := HandoverDocument(v); doc.Counts != (HandoverCountsDoc{}) || doc.Problem == nil {
		t.Errorf("the document counts %+v", doc.Counts)
	}
}

// TestWhatToSendNamesExactlyThoseWhoHaveToRegister: nobody gets somebody else's string.
func TestWhatToSendNamesExactlyThoseWhoHaveToRegister(t *testing.T) {
	got := draw(t, func(b *strings.Builder) error { return Handover(b, everyone(), terminal) })
	_, send, found := strings.Cut(got, "What to send\n")
	if !found || !strings.HasPrefix(send, `  To bob, each the text under "send" of their own`) {
		t.Errorf("what to send reads\n%s", send)
	}
	if done := draw(t, func(b *strings.Builder) error { return Handover(b, handovers()["all-came"], terminal) }); strings.Contains(done, "What to send") {
		t.Errorf("nobody has to be sent anything, and it says\n%s", done)
	}
}

func reissued(known bool) ReissuedView {
	return ReissuedView{Run: 17, Target: fleet.Ref{Name: "new"}, User: "bob", File: registrationsFile, Known: known}
}

func TestANewStringSaysWhatIsVoid(t *testing.T) {
	for name, known := range map[string]bool{"": false, "-known": true} {
		golden(t, "reissued"+name, draw(t, func(b *strings.Builder) error { return Reissued(b, reissued(known), terminal) }))
	}
	if got := ReissuedDocument(reissued(false)).Void; !slices.Equal(got, []string{"earlier-strings"}) {
		t.Errorf("%v are void of a user who never was there", got)
	}
}

func TestEveryHandoverCanBeDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(what string) string { return anyText.Draw(t, what) }
		v := HandoverView{Run: 1, Source: fleet.Ref{Name: text("source")}, Target: fleet.Ref{Name: text("target")}, Now: at(0)}
		if rapid.Bool().Draw(t, "not asked") {
			v.Problem = &fleet.Problem{Text: text("problem"), Remedy: text("remedy")}
		}
		for range rapid.IntRange(0, 5).Draw(t, "people") {
			comes := rapid.SampledFrom([]plan.Coming{plan.Registers, plan.HasPassword, plan.WasThere, plan.ComesWithIt, plan.External, plan.Restored, plan.StaysOut, ""}).Draw(t, "comes")
			v.People = append(v.People, HandoverPerson{
				Person: plan.Person{Name: text("name"), Access: text("access"), Comes: comes}, Made: at(anyDuration.Draw(t, "made")),
				Exists: rapid.Bool().Draw(t, "exists"), Disabled: rapid.Bool().Draw(t, "disabled"), HasString: rapid.Bool().Draw(t, "string"), Lost: rapid.Bool().Draw(t, "lost"), File: text("file"),
				LastLogin: rapid.SampledFrom([]time.Time{{}, at(anyDuration.Draw(t, "login"))}).Draw(t, "seen"),
			})
		}
		var b bytes.Buffer
		style := Style{Unicode: true, Width: rapid.IntRange(-1, 120).Draw(t, "width")}
		if err := Handover(&b, v, style); err != nil {
			t.Fatal(err)
		}
		if err := Encode(&b, "json", HandoverDocument(v)); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\r\x1b") {
			t.Fatalf("a control character got through: %q", b.String())
		}
		if come, wanted := v.come(); come > wanted || wanted > len(v.People) {
			t.Fatalf("%d of %d of %d have come", come, wanted, len(v.People))
		}
	})
}
