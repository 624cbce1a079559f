package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

const removal = "juju destroy-controller old"

func leftBehind(entries ...Leftover) LeftoversView {
	return LeftoversView{
		Run: 17, Source: fleet.Ref{Name: "old", UUID: "old-uuid"}, Target: fleet.Ref{Name: "new", UUID: "new-uuid"}, Entries: entries,
		Hidden: []Leftover{
			{Kind: LeftElsewhere, Text: "consumers of offers on controllers that this client does not know"},
			{Kind: LeftElsewhere, Text: "other clients whose registry knows only old"},
		},
		Removal: Removal{Command: removal, Why: "It has no models but its own, so that --destroy-all-models is not needed; it asks for the controller's name."},
		Now:     at(3 * time.Hour),
	}
}

// muchLeft is an old controller of which everything is still needed.
func muchLeft() LeftoversView {
	v := leftBehind(
		Leftover{Kind: LeftUser, Subject: "bob", Text: "has not logged in since being made", Commands: []string{"juju upgrade-all handover 17"}},
		Leftover{Kind: LeftUser, Subject: "robot", Text: "has not logged in since being made", Commands: []string{"juju upgrade-all handover 17"}},
		Leftover{Kind: LeftModel, Subject: "old:admin/db", Standing: Blocked, Text: "agent-down", Commands: []string{"juju upgrade-all plan -c old -m old:admin/db --to new"}},
		Leftover{Kind: LeftModel, Subject: "old:admin/shop", Standing: Migrating, Text: "since 2m: importing", Commands: []string{"juju upgrade-all status 17"}},
		Leftover{Kind: LeftModel, Subject: "old:admin/web", Standing: ListedOnly, Text: "is on new; old goes on listing it: never destroy it there"},
		Leftover{Kind: LeftModel, Subject: "old:bob/new-one", Standing: NotPlanned, Text: "appeared after the plan was made", Commands: []string{"juju upgrade-all plan -c old -m old:bob/new-one --to new"}},
		Leftover{Kind: LeftRelation, Subject: "new:admin/web", Text: "consumes old:admin/db.postgresql", Commands: []string{"juju status --relations -m new:admin/web"}},
		Leftover{Kind: LeftAgent, Subject: "unit shop/3", Text: "lost on new since 3h", Commands: []string{"juju status -m new:admin/shop"}},
		Leftover{Kind: LeftApplication, Subject: "grafana-agent", Text: "1 unit in old:admin/controller", Commands: []string{"juju deploy -m new:admin/controller grafana-agent"}},
	)
	v.Unseen = []Leftover{{Kind: LeftElsewhere, Subject: "stage", Text: "does not answer: its models may consume what old offers", Commands: []string{"juju show-controller stage"}}}
	return v
}

func TestLeftoversRead(t *testing.T) {
	unseen := leftBehind()
	unseen.Unseen = muchLeft().Unseen
	many := leftBehind()
	for _, name := range strings.Split(strings.TrimSpace(strings.Repeat("app ", 30)), " ") {
		many.Entries = append(many.Entries, Leftover{Kind: LeftAgent, Subject: "unit " + name, Text: "is lost", Commands: []string{"juju status -m new:admin/web"}})
	}
	listed := leftBehind(muchLeft().Entries[4])
	kept := leftBehind(Leftover{Kind: LeftModel, Subject: "old:admin/web", Standing: NotRemoved,
		Text: "it is on new, and old could not remove its own copy: never destroy it there", Commands: []string{"juju status -m new:admin/web"}})
	listed.Removal = Removal{Command: "juju unregister old", Why: "old lists what has moved: destroying it with its models would take the machines of those from new. Its machine is yours to take down."}
	for name, v := range map[string]LeftoversView{"much": muchLeft(), "nothing": leftBehind(), "unseen": unseen, "many": many, "listed-only": listed, "not-removed": kept} {
		golden(t, "leftovers-"+name, draw(t, func(b *strings.Builder) error { return Leftovers(b, v, terminal) }))
	}
}

func TestLeftoversAreToldInADocument(t *testing.T) {
	for name, v := range map[string]LeftoversView{"much": muchLeft(), "nothing": leftBehind()} {
		var y bytes.Buffer
		if err := Encode(&y, "yaml", LeftoversDocument(v)); err != nil {
			t.Fatal(err)
		}
		golden(t, "document-leftovers-"+name+".yaml", y.String())
	}
}

// TestTheCommandThatRemovesIsToldOnlyWhenNothingIsLeft: somebody may type it.
func TestTheCommandThatRemovesIsToldOnlyWhenNothingIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(what string) string { return rapid.StringMatching(`[a-z ]{0,20}`).Draw(t, what) }
		entry := func() Leftover {
			return Leftover{
				Kind:     rapid.SampledFrom([]LeftoverKind{LeftModel, LeftUser, LeftRelation, LeftAgent, LeftApplication, LeftElsewhere, "new-kind", ""}).Draw(t, "kind"),
				Standing: rapid.SampledFrom([]LeftoverStanding{"", ToMove, Migrating, Blocked, ListedOnly, NotRemoved, NotPlanned}).Draw(t, "standing"),
				Subject:  anyText.Draw(t, "subject"), Text: anyText.Draw(t, "text"), Commands: []string{text("command")},
			}
		}
		v := leftBehind()
		needed := false
		for range rapid.IntRange(0, 3).Draw(t, "entries") {
			e := entry()
			needed = needed || e.Standing != ListedOnly
			v.Entries = append(v.Entries, e)
		}
		for range rapid.IntRange(0, 1).Draw(t, "unseen") {
			v.Unseen = append(v.Unseen, entry())
			needed = true
		}
		var b bytes.Buffer
		if err := Leftovers(&b, v, terminal); err != nil {
			t.Fatal(err)
		}
		doc := LeftoversDocument(v)
		if told := strings.Contains(b.String(), removal); told == needed || (doc.Removal != nil) == needed || doc.Empty == needed {
			t.Fatalf("needed: %v, and told: %v, %v\n%s", needed, told, doc.Removal, b.String())
		}
		if keep := strings.Contains(b.String(), "Keep old: "); keep != needed || strings.Contains(b.String(), "Keep old: .") {
			t.Fatalf("needed: %v, and it says\n%s", needed, b.String())
		}
		if strings.ContainsAny(b.String(), "\r\x1b") {
			t.Fatalf("a control character got through: %q", b.String())
		}
		n := len(doc.Models) + len(doc.Agents) + len(doc.Relations) + len(doc.Users) + len(doc.Applications) + len(doc.Others)
		if n != len(v.Entries) {
			t.Fatalf("%d are in the document, of %d", n, len(v.Entries))
		}
	})
}
