package plugin

import (
	"fmt"
	"io"
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

// reissue makes a new registration string for a user, and keeps it where earlier ones of
// that user are, or would be: with the run that has brought the user to the target.
func (s *session) reissue(world World, v report.HandoverView, user string, agreed bool) error {
	i := slices.IndexFunc(v.People, func(p report.HandoverPerson) bool { return p.Name == user })
	if err := reissuable(v, i, user); err != nil {
		return err
	}
	person := v.People[i]
	void := toVoid(v, person)
	if void != "" && !agreed {
		if !s.deps.Terminal.In {
			return exitf(exitUsage, "%s: use -y to go on without being asked; nothing was changed", void)
		}
		answer, err := s.answer(void + ". Go on? [y/N]")
		switch {
		case err != nil:
			return exitf(exitInterrupted, "interrupted; nothing was changed")
		case !yes(answer):
			return exitf(exitFailed, "aborted; nothing was changed")
		}
	}
	// With the run in hand that has brought the user: nobody else writes to its file now.
	run, err := s.store.Resume(person.Run)
	if err != nil {
		return err
	}
	defer run.Close()
	registrations := run.Registrations()
	if err := s.anew(world.Writer(), registrations, v, person); err != nil {
		return err
	}
	done := report.ReissuedView{Run: v.Run, Target: v.Target, User: user, File: registrations.File(), Known: void != ""}
	return s.result(
		func(w io.Writer) error { return report.Reissued(w, done, s.style) },
		func() any { return report.ReissuedDocument(done) },
	)
}

// toVoid says what a new string makes void, besides strings that nobody has used; empty
// when that is nothing.
func toVoid(v report.HandoverView, p report.HandoverPerson) string {
	asBefore := !p.HasString && !p.Lost
	switch {
	case p.Came(), p.Comes == plan.Restored && asBefore:
		return fmt.Sprintf("%s can log in to %s now; with a new string that password is void", p.Name, v.Target.Name)
	case p.Comes != plan.Registers && asBefore:
		return fmt.Sprintf("%s may have a password or a registration string for %s that this client does not know; with a new string that is void", p.Name, v.Target.Name)
	}
	return ""
}

// anew makes a new registration string for the person, and keeps it. Before Juju is
// asked for it, the earlier one is not kept any more: a cut at any time leaves a file
// that has no string which may be void.
func (s *session) anew(w Writer, registrations *journal.Registrations, v report.HandoverView, person report.HandoverPerson) error {
	user, target := person.Name, v.Target.Name
	takeBack, err := registrations.Void(user, person.LastLogin)
	if err != nil {
		return exitf(exitFailed, "cannot make a new registration string for %s on %s: %v; nothing was changed", user, target, err)
	}
	secret, err := w.ResetUser(s.ctx, v.Target, user)
	if saysNo(err) {
		if broken := takeBack(); broken == nil {
			return exitf(exitFailed, "cannot make a new registration string for %s on %s: %v; nothing was changed", user, target, err)
		}
	}
	if err == nil {
		err = registrations.KeepAnew(user, secret, person.LastLogin)
	}
	if err == nil {
		return nil
	}
	code := exitFailed
	if s.ctx.Err() != nil {
		code = exitInterrupted
	}
	return exitf(code, "no new registration string for %s on %s is kept: %v; earlier ones, and any password, may be void\n\nmake another one:\n    juju upgrade-all handover %d --reissue %s",
		user, target, err, v.Run, user)
}

// saysNo says that Juju, or the way to it, has certainly refused: nothing was changed.
func saysNo(err error) bool {
	switch fleet.CodeOf(err) {
	case fleet.Forbidden, fleet.Blocked, fleet.Refused, fleet.NotFound, fleet.LoginNeeded, fleet.Untrusted, fleet.Unsupported:
		return true
	}
	return false
}

// reissuable returns an error for a user who cannot be given a registration string.
func reissuable(v report.HandoverView, i int, user string) error {
	if i < 0 {
		return fleet.BadInput("%s is no user whom run %d brings to %s: see 'juju upgrade-all handover %d'", user, v.Run, v.Target.Name, v.Run)
	}
	switch p := v.People[i]; {
	case p.Comes == plan.External:
		return fleet.BadInput("%s has no password with Juju, and logs in as before", user)
	case p.Comes == plan.HasPassword:
		return fleet.BadInput("%s was given a known password, which would be void: juju change-user-password -c %s %s", user, v.Target.Name, user)
	case !p.Exists:
		return fleet.BadInput("%s does not exist on %s: see 'juju users -c %s --all'", user, v.Target.Name, v.Target.Name)
	case p.Disabled:
		return fleet.BadInput("%s is disabled on %s: juju enable-user -c %s %s", user, v.Target.Name, v.Target.Name, user)
	}
	return nil
}
