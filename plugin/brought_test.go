package plugin

import (
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func comes(name string, how plan.Coming) plan.Person {
	return plan.Person{Name: name, Access: fleet.AccessLogin, Comes: how}
}

// TestWhoWasMadeByAnEarlierRunComesByWhatThatOneKept: to a later run, those whom an
// earlier one has made are users who were there.
func TestWhoWasMadeByAnEarlierRunComesByWhatThatOneKept(t *testing.T) {
	r := newRuns(t)
	first := r.moved(t, "new-uuid", alice, comes("robot", plan.HasPassword), comes("dan", plan.Registers))
	r.moved(t, "other-uuid", comes("eve", plan.Registers))
	last := r.moved(t, "new-uuid", comes("alice", plan.WasThere), comes("robot", plan.WasThere), comes("eve", plan.WasThere), comes("admin", plan.WasThere),
		comes("dan", plan.Registers), comes("out", plan.StaysOut))
	seen := time.Now()
	users := []fleet.User{{Name: "alice"}, {Name: "robot"}, {Name: "eve"}, {Name: "admin", LastLogin: seen}, {Name: "dan"}}
	file := func(run int) string { return r.store.RunDir(run) + "/registrations.yaml (0600)" }
	v, screen := r.handover(t, last, users...)
	for name, want := range map[string]string{
		"alice": "not yet    in " + file(first.Run),
		"robot": "not yet    password given (--password-file), no registration needed",
		"eve":   "not yet    no string is kept: juju upgrade-all handover 3 --reissue eve",
		"admin": "was there  logs in as on new before, last seen",
		"dan":   "not yet    in " + file(last.Run),
		"out":   "not made   no model needs this user",
	} {
		if !strings.Contains(screen, want) || !strings.Contains(screen, "\n"+name+" ") {
			t.Errorf("of %s it does not say %q\n%s", name, want, screen)
		}
	}
	if !strings.Contains(screen, "0 of 4 users who have to log in anew have") {
		t.Errorf("it says\n%s", screen)
	}
	// Who waits is who is left.
	l := &leftovers{}
	l.users(v)
	left := ""
	for _, e := range l.view.Entries {
		left += e.Subject + " "
	}
	if left != "alice robot eve dan " {
		t.Errorf("left are %s", left)
	}
	// And, to the earlier run, dan comes by the newest string.
	if _, screen := r.handover(t, first, users...); !strings.Contains(screen, file(last.Run)) || !strings.Contains(screen, file(first.Run)) {
		t.Errorf("of the first run it says\n%s", screen)
	}
}

// TestANewStringIsKeptWhereTheEarlierOneWas: no two files have strings of one user, of
// which one is void.
func TestANewStringIsKeptWhereTheEarlierOneWas(t *testing.T) {
	r := newRuns(t)
	first := r.moved(t, "new-uuid", alice)
	last := r.moved(t, "new-uuid", comes("alice", plan.WasThere))
	v, _ := r.handover(t, last, fleet.User{Name: "alice"})
	// Nobody is asked: what she has is a string that she has not used.
	if err := r.reissue(reached{&registrar{}}, v, "alice", false); err != nil {
		t.Fatal(err)
	}
	told := r.stdout.String()
	if !strings.Contains(told, r.store.RunDir(first.Run)) || strings.Contains(told, "password of alice is void") {
		t.Errorf("it says\n%s", told)
	}
	for run, want := range map[int]bool{first.Run: true, last.Run: false} {
		state, err := r.store.Load(run)
		if err != nil {
			t.Fatal(err)
		}
		issued, err := r.store.Registrations(state).Issued()
		if err != nil || issued["alice"].Kept != want {
			t.Errorf("run %d has a string of hers: %v (%v)", run, issued["alice"].Kept, err)
		}
	}
}

// TestNobodyIsSaidToLogInWhoWasNeverSeen: and yet nobody's password is made void
// without being asked.
func TestNobodyIsSaidToLogInWhoWasNeverSeen(t *testing.T) {
	for name, c := range map[string]struct {
		user fleet.User
		says string
	}{
		"never seen": {fleet.User{Name: "alice"}, "alice may have a password or a registration string for new that this client does not know; "},
		"seen":       {fleet.User{Name: "alice", LastLogin: time.Now()}, "alice can log in to new now; "},
	} {
		r := newRuns(t)
		v, _ := r.handover(t, r.moved(t, "new-uuid", comes("alice", plan.WasThere)), c.user)
		control := &registrar{}
		err := r.reissue(reached{control}, v, "alice", false)
		if codeOf(err) != exitUsage || !strings.HasPrefix(err.Error(), c.says) || len(control.resets) > 0 {
			t.Errorf("%s: it says %v, and reset %v", name, err, control.resets)
		}
		if err := r.reissue(reached{control}, v, "alice", true); err != nil || len(control.resets) != 1 {
			t.Errorf("%s: agreed, it says %v, and reset %v", name, err, control.resets)
		}
	}
}
