package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func TestAPlanThatMakesAControllerReads(t *testing.T) {
	for name, p := range newPlans() {
		t.Run(name, func(t *testing.T) {
			got := draw(t, func(b *strings.Builder) error { return Plan(b, p, terminal) })
			golden(t, "new-plan-"+name, got+"\n"+Question(p)+"\n")
		})
	}
}

func TestAStatusOfANewControllerReads(t *testing.T) {
	abandoned := bootstrapping().event(3*time.Minute, journal.Abandoned)
	madeAndAbandoned := madeRun().event(15*time.Minute, journal.Abandoned)
	for _, test := range []struct {
		name     string
		s        journal.State
		progress *journal.Progress
		now      time.Duration
	}{
		{"bootstrapping", bootstrapping().s, bootstrapProgress("Running machine configuration script..."), 3 * time.Minute},
		{"cloning", cloning().s, &journal.Progress{}, 14 * time.Minute},
		{"interrupted", bootstrapping().event(2*time.Minute, journal.Interrupted).s, nil, 3 * time.Minute},
		{"half-made", halfMade().s, nil, time.Hour},
		{"abandoned", abandoned.s, nil, time.Hour},
		{"made-and-abandoned", madeAndAbandoned.s, nil, time.Hour},
		{"done", movedToNew().s, nil, time.Hour},
	} {
		t.Run(test.name, func(t *testing.T) {
			alive := test.progress != nil
			if alive {
				test.progress.Heartbeat = at(test.now)
			}
			golden(t, "new-status-"+test.name, draw(t, func(b *strings.Builder) error {
				return Status(b, test.s, test.progress, alive, at(test.now), terminal)
			}))
		})
	}
}

func TestASummaryOfANewControllerReads(t *testing.T) {
	for name, s := range map[string]journal.State{
		"done": movedToNew().s, "half-made": halfMade().s,
		"interrupted": bootstrapping().event(2*time.Minute, journal.Interrupted).s,
		"restored":    doneRun(newPlans()["restore"]).s,
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, "new-summary-"+name, draw(t, func(b *strings.Builder) error {
				return Summary(b, s, "/home/op/.local/share/juju/upgrade-all/17", at(30*time.Minute), terminal)
			}))
		})
	}
}

func TestAFrameOfANewControllerReads(t *testing.T) {
	servers := madeRun()
	servers.step(10*time.Minute, "/new/enable-ha", journal.Started)
	failed := cloning()
	failed.record(journal.Record{Time: at(15 * time.Minute), Event: journal.Moved, Step: "/new/" + everyItem[5].Path(), Status: journal.Failed,
		Detail: "cannot clone config/audit-log-max-size to new: no answer in time"})
	for _, test := range []struct {
		name     string
		s        journal.State
		progress *journal.Progress
		now      time.Duration
	}{
		{"bootstrapping", bootstrapping().s, bootstrapProgress("Running machine configuration script..."), 3 * time.Minute},
		{"servers", servers.s, &journal.Progress{Steps: map[string]journal.StepProgress{"/new/enable-ha": {
			Moved: at(10 * time.Minute), Seen: at(10 * time.Minute), There: 1, Awaited: 3, Note: "1 of 3 servers serve and vote"}}}, 10 * time.Minute},
		{"cloning", cloning().s, &journal.Progress{}, 14 * time.Minute},
		{"clone-failed", failed.s, &journal.Progress{}, 15 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			rows := frame(test.s, test.progress.Steps, at(test.now), 100, 30, terminal)
			golden(t, "new-frame-"+test.name, strings.Join(rows, "\n")+"\n")
		})
	}
}

// TestManyThingsThatAreClonedTakeOneRow: each takes a moment, and a terminal is low.
func TestManyThingsThatAreClonedTakeOneRow(t *testing.T) {
	r := madeRun()
	for _, i := range everyItem {
		r.step(14*time.Minute, "/new/"+i.Path(), journal.Started)
	}
	rows := frame(r.s, nil, at(14*time.Minute), 200, 30, terminal)
	n := 0
	for _, row := range rows {
		if strings.HasPrefix(row, "   ▸") {
			n++
		}
	}
	if n != 1 || !strings.Contains(strings.Join(rows, "\n"), "0 of 10 cloned") {
		t.Errorf("%d rows are under way, and the block is\n%s", n, strings.Join(rows, "\n"))
	}
}

// TestAStageOfABootstrapIsALineAndAThingThatIsClonedIsOne: nobody watches.
func TestAStageOfABootstrapIsALineAndAThingThatIsClonedIsOne(t *testing.T) {
	var b strings.Builder
	now := at(0)
	l := NewLines(&b, newRun(withAll()).s, func() time.Time { return now }, terminal)
	seq := 0
	tell := func(rec journal.Record) {
		seq++
		rec.Seq, rec.Run, rec.Time = seq, 17, now
		l.Record(rec)
	}
	tell(journal.Record{Event: journal.Begun})
	tell(journal.Record{Event: journal.Moved, Step: "/new/bootstrap", Status: journal.Started})
	for _, note := range []string{"Creating Juju controller \"new\" on aws/eu-west-1", "Launching controller instance(s) on aws/eu-west-1...",
		"Running machine configuration script...", "Contacting Juju controller at 10.0.0.9 to verify accessibility..."} {
		for range 60 {
			now = now.Add(time.Second)
			l.Progress("/new/bootstrap", journal.StepProgress{Moved: now, Seen: now, Note: note})
		}
	}
	ref := fleet.Ref{Name: "new", UUID: "made-uuid"}
	tell(journal.Record{Event: journal.Moved, Step: "/new/bootstrap", Status: journal.Done, Changed: true, Made: &ref, Result: ref.UUID, There: 1, Awaited: 1})
	tell(journal.Record{Event: journal.Moved, Step: "/new/enable-ha", Status: journal.Started})
	tell(journal.Record{Event: journal.Moved, Step: "/new/enable-ha", Status: journal.Done, Changed: true, There: 3, Awaited: 3})
	for i, item := range everyItem {
		tell(journal.Record{Event: journal.Moved, Step: "/new/" + item.Path(), Status: journal.Started})
		now = now.Add(time.Second)
		rec := journal.Record{Event: journal.Moved, Step: "/new/" + item.Path(), Status: journal.Done, Changed: true}
		switch i {
		case 1:
			rec.Changed = false
		case 2:
			rec.Changed, rec.Result = false, "is there, differs, and is left as it is"
		case 3:
			rec = journal.Record{Event: journal.Moved, Step: rec.Step, Status: journal.Skipped, Detail: "old does not have it any more"}
		case 4:
			rec = journal.Record{Event: journal.Moved, Step: rec.Step, Status: journal.Failed, Detail: "the backend does not answer"}
		}
		tell(rec)
	}
	tell(journal.Record{Event: journal.Moved, Step: "/new/users/robot", Status: journal.Started})
	tell(journal.Record{Event: journal.Moved, Step: "/new/users/robot", Status: journal.Done, Changed: true})
	tell(journal.Record{Event: journal.Finished})
	golden(t, "new-lines", b.String())
}

func TestTheLastWordsOfALiveBlockSayThatABootstrapGoesOn(t *testing.T) {
	s := &screen{height: 24}
	l := NewLive(s, bootstrapping().s, LiveOptions{Size: func() (int, int) { return 200, 24 }, Now: func() time.Time { return at(2 * time.Minute) }})
	l.Record(journal.Record{Seq: 99, Event: journal.Interrupted})
	l.Close()
	got := strings.Join(s.rows, "\n")
	for _, want := range []string{"juju bootstrap of new goes on by itself", "bootstrap.log", "resume 17"} {
		if !strings.Contains(got, want) {
			t.Errorf("the last words do not have %q: %q", want, got)
		}
	}
}

// TestASecretOfABootstrapIsOnNoScreen: what is passed on to it may have one.
func TestASecretOfABootstrapIsOnNoScreen(t *testing.T) {
	var b bytes.Buffer
	for name, err := range map[string]error{
		"plan": Plan(&b, withAll(), terminal), "status": Status(&b, cloning().s, nil, false, at(time.Hour), terminal),
		"summary":   Summary(&b, halfMade().s, "/d", at(time.Hour), terminal),
		"abandoned": Status(&b, bootstrapping().event(3*time.Minute, journal.Abandoned).s, nil, false, at(time.Hour), terminal),
		"blocked":   Plan(&b, blockedNew(), terminal), "blocked as json": Encode(&b, "json", PlanDocument(blockedNew())),
		"left out":     Summary(&b, doneRun(heldNew()).s, "/d", at(time.Hour), terminal),
		"plan as json": Encode(&b, "json", PlanDocument(withAll())), "state as json": Encode(&b, "json", StateDocument(movedToNew().s, nil, false, "/d", at(time.Hour), terminal)),
	} {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	b.WriteString(Question(withAll()))
	if strings.Contains(b.String(), planted) {
		t.Errorf("a value that was passed on is shown:\n%s", b.String())
	}
	for _, name := range []string{"identity-url", "--config audit-log-max-size", "--constraints", "--no-default-model"} {
		if !strings.Contains(b.String(), name) {
			t.Errorf("%s is passed on, and not named", name)
		}
	}
}

// blockedNew is a new controller whose plan has to be made anew, and heldNew one in
// which something was left out.
func blockedNew() plan.Plan {
	p := withAll()
	p.Findings = append(p.Findings, fleet.Finding{Code: "x", Severity: fleet.Blocker, Scope: fleet.WholeRun, Subject: "old", Meaning: "no"})
	return p
}

func heldNew() plan.Plan {
	p := withAll()
	p.Controllers[0].Models[1].Disposition = plan.Held
	return p
}

func TestArgumentsAreNamedAndNotTold(t *testing.T) {
	for _, test := range []struct {
		args []string
		want []string
	}{
		{nil, nil},
		{[]string{"--no-gui"}, []string{"--no-gui"}},
		{[]string{"--config", "a=s"}, []string{"--config a=(not shown)"}},
		{[]string{"--config=a=s", "--config", "/x/s.yaml"}, []string{"--config a=(not shown)", "--config=(not shown)"}},
		{[]string{"--constraints", "mem=s", "--to", "s"}, []string{"--constraints=(not shown)", "--to=(not shown)"}},
		{[]string{"s", "--credential=s"}, []string{"(not shown)", "--credential=(not shown)"}},
		{[]string{"--credential", "-----BEGIN s"}, []string{"--credential=(not shown)"}},
		{[]string{"--config", "--n3=s"}, []string{"--config --n3=(not shown)"}},
		{[]string{"--model-default", "k=s=s", "--debug"}, []string{"--model-default k=(not shown)", "--debug"}},
	} {
		if diff := cmp.Diff(test.want, argumentNames(test.args)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.args, diff)
		}
		if typed := withoutValues(test.args); len(typed) != len(test.args) || slices.ContainsFunc(typed, func(s string) bool { return strings.HasSuffix(s, "s") && !strings.HasPrefix(s, "--") }) {
			t.Errorf("%q are typed as %q", test.args, typed)
		}
	}
}

// TestWhatIsNotClonedIsToldBeforeAndAfter: who reads only the end has to see it.
func TestWhatIsNotClonedIsToldBeforeAndAfter(t *testing.T) {
	many := withAll()
	many.Findings = nil
	for _, subject := range []string{"config/a", "config/b", "config/c", "cloud aws"} {
		many.Findings = append(many.Findings, fleet.Finding{Code: "clone-differs", Severity: fleet.Warning, Subject: subject,
			Meaning: "is on new otherwise than on old, and stays as it is", Fix: []string{"juju controller-config -c new"}})
	}
	for name, p := range map[string]plan.Plan{"one by one": withAll(), "many alike": many} {
		plain := func(screen string) string { return strings.Join(strings.Fields(screen), " ") }
		before := plain(draw(t, func(b *strings.Builder) error { return Plan(b, p, terminal) }))
		after := plain(draw(t, func(b *strings.Builder) error { return Summary(b, doneRun(p).s, "/d", at(time.Hour), terminal) }))
		for _, f := range p.Findings {
			for _, text := range []string{f.Code, f.Meaning, f.Subject} {
				if !strings.Contains(before, text) || !strings.Contains(after, text) {
					t.Errorf("%s: %q is not told before and after\n%s\n%s", name, text, before, after)
				}
			}
			for _, command := range append(f.See, f.Fix...) {
				planning := strings.Contains(command, "upgrade-all plan")
				if strings.Contains(before, command) != planning || strings.Contains(after, command) == planning {
					t.Errorf("%s: %q is not told when it is of use\n%s\n%s", name, command, before, after)
				}
			}
			if n := strings.Count(before, f.Meaning); n != 1 {
				t.Errorf("%s: %q is told %d times before", name, f.Meaning, n)
			}
		}
		if n := len(StateDocument(doneRun(p).s, nil, false, "/d", at(time.Hour), terminal).NotCloned); n != len(p.Findings) {
			t.Errorf("%s: %d are in the document, of %d", name, n, len(p.Findings))
		}
	}
}

// TestABlockerIsNeverToldAsIfItWereDone: it stays among the findings, with how to
// accept it.
func TestABlockerIsNeverToldAsIfItWereDone(t *testing.T) {
	p := withAll()
	p.Findings = []fleet.Finding{{Code: "cloud-not-cloned", Severity: fleet.Blocker, Scope: fleet.WholeController, Subject: "old", Meaning: "no", Acceptable: true}}
	got := draw(t, func(b *strings.Builder) error { return Plan(b, p, terminal) })
	if !strings.Contains(got, "BLOCKER") || !strings.Contains(got, "--accept cloud-not-cloned@old") || strings.Contains(got, "Not cloned (") {
		t.Errorf("a blocker reads\n%s", got)
	}
}

// TestWhatIsLeftIsPlannedForTheControllerThatExistsNow: it cannot be made twice.
func TestWhatIsLeftIsPlannedForTheControllerThatExistsNow(t *testing.T) {
	made := madeRun().s
	now := nowPlan(&made)
	if now.Goal.Bootstrap != nil || now.Target.Bootstrap != nil || now.Goal.To != made.Made || now.Target.UUID != "made-uuid" {
		t.Errorf("what is left is planned with %+v", now.Target)
	}
	if made.Plan.Goal.Bootstrap == nil || made.Plan.Target.Bootstrap == nil {
		t.Error("the run's own plan was changed")
	}
	before := bootstrapping().s
	if nowPlan(&before).Goal.Bootstrap == nil {
		t.Error("it has not been made yet, and would not be")
	}
}

// TestWhatIsLeftIsNeverRestoredOver: juju-restore is for a controller that is empty,
// and where it has ended the target has models.
func TestWhatIsLeftIsNeverRestoredOver(t *testing.T) {
	p := withAll()
	p.Goal.Clone, p.Goal.Restore, p.Goal.Juju, p.Goal.JujuTyped = fleet.CloneRestore, "/opt/juju-restore", "/opt/juju", true
	p.Goal.Bootstrap, p.Target.Bootstrap = nil, nil
	p.Steps = append(p.Steps, plan.Step{ID: "/new/restore", Kind: plan.RestoreCopy})
	for status, want := range map[journal.Status]fleet.CloneMode{
		journal.Pending: fleet.CloneRestore, journal.Failed: fleet.CloneRestore, journal.Done: fleet.CloneNative,
	} {
		s := journal.Fold(1, p, nil)
		s.Steps["/new/restore"] = journal.StepState{Status: status}
		now := nowPlan(&s)
		typed := PlanAgain(now)
		if again := want == fleet.CloneRestore; now.Goal.Clone != want || strings.Contains(typed, "restore") != again || strings.Contains(typed, "--juju") != again {
			t.Errorf("%s: what is left is looked at by %s", status, typed)
		}
	}
}

// TestManyThingsThatCouldNotBeClonedDoNotHideTheRest: most fail for one reason.
func TestManyThingsThatCouldNotBeClonedDoNotHideTheRest(t *testing.T) {
	r := madeRun()
	for _, i := range everyItem {
		r.record(journal.Record{Time: at(15 * time.Minute), Event: journal.Moved, Step: "/new/" + i.Path(), Status: journal.Failed,
			Detail: "cannot clone " + i.Path(), Meaning: "it is as it was", Fix: []string{"juju upgrade-all resume 17"}})
	}
	got := draw(t, func(b *strings.Builder) error {
		return Summary(b, r.event(16*time.Minute, journal.Finished).s, "/d", at(time.Hour), terminal)
	})
	if n := strings.Count(got, "it means:"); n != clonesShown {
		t.Errorf("%d are told one by one\n%s", n, got)
	}
	plain := strings.Join(strings.Fields(got), " ")
	for _, i := range everyItem {
		if !strings.Contains(plain, itemWords(i)) {
			t.Errorf("%s is not told\n%s", itemWords(i), got)
		}
	}
}

func TestANewControllerIsToldInDocuments(t *testing.T) {
	for name, document := range map[string]any{
		"plan":  PlanDocument(withAll()),
		"state": StateDocument(movedToNew().s, nil, false, "/runs/17", at(time.Hour), Style{}),
	} {
		var y bytes.Buffer
		if err := Encode(&y, "yaml", document); err != nil {
			t.Fatal(err)
		}
		golden(t, "new-document-"+name+".yaml", y.String())
	}
}

func TestANewControllerOnADumbTerminalIsPlainASCII(t *testing.T) {
	ascii := Style{}
	got := draw(t, func(b *strings.Builder) error {
		if err := Plan(b, withAll(), ascii); err != nil {
			return err
		}
		return Summary(b, movedToNew().s, "/d", at(time.Hour), ascii)
	}) + strings.Join(frame(cloning().s, nil, at(14*time.Minute), 80, 30, ascii), "\n")
	for _, r := range got {
		if r > 126 || r < 32 && r != '\n' {
			t.Fatalf("%q is not plain ASCII in\n%s", r, got)
		}
	}
}
