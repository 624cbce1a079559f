package plugin

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/juju/cmd/v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

// registrar is a controller that makes registration strings, and the way to it.
type registrar struct {
	Writer
	// resets are the users whose strings it has made anew.
	resets []string
	// refuses is its answer, when it does nothing; loses is what becomes of an answer.
	refuses, loses error
	// meanwhile is called before it answers.
	meanwhile func()
}

func (r *registrar) ResetUser(_ context.Context, _ fleet.Ref, user string) (fleet.Secret, error) {
	if r.meanwhile != nil {
		r.meanwhile()
	}
	if r.refuses != nil {
		return "", r.refuses
	}
	r.resets = append(r.resets, user)
	if r.loses != nil {
		return "", r.loses
	}
	return "MEQT-new", nil
}

// reached is the world in which that controller is.
type reached struct{ *registrar }

func (reached) Reader() Reader   { return nil }
func (w reached) Writer() Writer { return w.registrar }
func (reached) Close() error     { return nil }

// runs is a client whose runs have moved models from old to new.
type runs struct {
	*session
	stdout *bytes.Buffer
}

func newRuns(t *testing.T) *runs {
	t.Helper()
	out := &bytes.Buffer{}
	ctx := &cmd.Context{Context: context.Background(), Dir: t.TempDir(), Stdin: strings.NewReader(""), Stdout: out, Stderr: &bytes.Buffer{}}
	return &runs{&session{ctx: ctx, out: output{format: "text"}, store: journal.NewStore(t.TempDir()), deps: Deps{Now: time.Now}}, out}
}

// moved is a run that brought those people, and made those of them who were to be made.
func (r *runs) moved(t *testing.T, target string, people ...plan.Person) journal.State {
	t.Helper()
	old, there := fleet.Ref{UUID: "old-uuid", Name: "old"}, fleet.Ref{UUID: target, Name: "new"}
	p := plan.Plan{
		Format: plan.Format, Journey: plan.Move, Target: &plan.Target{Ref: there},
		Controllers: []plan.Controller{{Ref: old}}, People: people,
	}
	for _, who := range people {
		if who.Comes == plan.Registers || who.Comes == plan.HasPassword {
			p.Steps = append(p.Steps, plan.Step{
				ID: "/new/users/" + who.Name, Kind: plan.AddUser, Controller: old, Target: there,
				User: &plan.User{Name: who.Name, Password: who.Comes == plan.HasPassword},
			})
		}
	}
	run, err := r.store.Create(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	record := func(rec journal.Record) {
		if err := run.Append(rec); err != nil {
			t.Fatal(err)
		}
	}
	record(journal.Record{Event: journal.Begun})
	for _, step := range p.Steps {
		record(journal.Record{Event: journal.Moved, Step: step.ID, Status: journal.Started})
		err := run.Registrations().Intend(step.User.Name)
		if !step.User.Password {
			err = errors.Join(err, run.Registrations().Keep(step.User.Name, fleet.Secret("MEQT-"+step.User.Name)))
		}
		if err != nil {
			t.Fatal(err)
		}
		record(journal.Record{Event: journal.Moved, Step: step.ID, Status: journal.Done, Changed: true})
	}
	record(journal.Record{Event: journal.Finished})
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	state, err := r.store.Load(run.Number)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// handover is what is said of the run's people, when the target has those users.
func (r *runs) handover(t *testing.T, state journal.State, users ...fleet.User) (report.HandoverView, string) {
	t.Helper()
	v, err := r.people(state, users, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := report.Handover(&out, v, report.Style{}); err != nil {
		t.Fatal(err)
	}
	return v, out.String()
}

var alice = plan.Person{Name: "alice", Access: fleet.AccessLogin, Comes: plan.Registers}

// TestAStringThatMayBeVoidIsNotKept: whatever becomes of the answer, or of us, the next
// look tells the command that makes another one.
func TestAStringThatMayBeVoidIsNotKept(t *testing.T) {
	cut := &fleet.Problem{Code: fleet.Unreachable, Text: "the connection broke before the answer came"}
	for name, c := range map[string]*registrar{
		"the answer is lost":              {loses: cut},
		"the answer is not understood":    {loses: errors.New("no key")},
		"it is not known whether it came": {refuses: cut},
	} {
		r := newRuns(t)
		state := r.moved(t, "new-uuid", alice)
		told := ""
		c.meanwhile = func() { _, told = r.handover(t, state, fleet.User{Name: "alice"}) }
		v, before := r.handover(t, state, fleet.User{Name: "alice"})
		if !strings.Contains(before, "registrations.yaml (0600)") {
			t.Fatalf("%s: before, it says\n%s", name, before)
		}
		err := r.reissue(reached{c}, v, "alice", false)
		if codeOf(err) != exitFailed || !strings.Contains(err.Error(), "may be void") || !strings.Contains(err.Error(), "\n    juju upgrade-all handover 1 --reissue alice") {
			t.Errorf("%s: the error is %v", name, err)
		}
		_, after := r.handover(t, state, fleet.User{Name: "alice"})
		for when, screen := range map[string]string{"if it is cut there": told, "afterwards": after} {
			if !strings.Contains(screen, "no string is kept: juju upgrade-all handover 1 --reissue alice") || strings.Contains(screen, "registrations.yaml") {
				t.Errorf("%s: %s it says\n%s", name, when, screen)
			}
		}
		// And that command makes another one.
		v, _ = r.handover(t, state, fleet.User{Name: "alice"})
		if err := r.reissue(reached{&registrar{}}, v, "alice", false); err != nil {
			t.Errorf("%s: once more: %v", name, err)
		}
		if _, again := r.handover(t, state, fleet.User{Name: "alice"}); !strings.Contains(again, "registrations.yaml (0600)") {
			t.Errorf("%s: once more, it says\n%s", name, again)
		}
	}
}

// TestARefusalLeavesTheStringAsItWas: it still works.
func TestARefusalLeavesTheStringAsItWas(t *testing.T) {
	r := newRuns(t)
	state := r.moved(t, "new-uuid", alice)
	v, before := r.handover(t, state, fleet.User{Name: "alice"})
	err := r.reissue(reached{&registrar{refuses: &fleet.Problem{Code: fleet.Forbidden, Text: "permission denied"}}}, v, "alice", false)
	if codeOf(err) != exitFailed || !strings.HasSuffix(err.Error(), "permission denied; nothing was changed") {
		t.Errorf("the error is %v", err)
	}
	if _, after := r.handover(t, state, fleet.User{Name: "alice"}); after != before {
		t.Errorf("it says\n%s\nand said\n%s", after, before)
	}
}
