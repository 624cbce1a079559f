package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Differences names the decisions in which two plans differ, for people: one line
// for each controller and model, with the reason as far as the new plan tells it.
// There are none when their hashes are equal.
func Differences(old, new Plan) []string {
	if old.Hash == new.Hash {
		return nil
	}
	var out []string
	was, is := lanes(old), lanes(new)
	for _, now := range is {
		before := laneOf(was, now.name)
		if before == nil {
			out = append(out, now.subject()+now.going()+" was not in the plan")
			continue
		}
		if what := before.changes(now); len(what) > 0 {
			out = append(out, now.subject()+" "+strings.Join(what, ", and "))
		}
	}
	for _, before := range was {
		if laneOf(is, before.name) == nil {
			out = append(out, before.subject()+" would not be "+before.done()+": "+new.reason(before))
		}
	}
	a, b := old.decisions().Accepted, new.decisions().Accepted
	if !slices.Equal(a, b) {
		out = append(out, fmt.Sprintf("accepted findings were %q and would be %q", a, b))
	}
	if a, b := old.Options.asked(), new.Options.asked(); !slices.Equal(a, b) {
		out = append(out, fmt.Sprintf("options were %q and would be %q", a, b))
	}
	if len(out) == 0 {
		out = append(out, "the order of the steps would be another")
	}
	return out
}

// lane is what fails together: the steps of a controller, or of a model.
type lane struct {
	name  string
	steps []Step
}

// lanes are those of a plan, in the order in which they begin.
func lanes(p Plan) []*lane {
	var out []*lane
	for _, s := range p.Steps {
		if s.Kind == RemoveAccounts || s.Kind == FollowModels || s.Kind == Relations || s.Kind == Soak || s.Kind == DisableUser {
			continue // they come with what moves
		}
		l := laneOf(out, s.Lane)
		if l == nil {
			l = &lane{name: s.Lane}
			out = append(out, l)
		}
		l.steps = append(l.steps, s)
	}
	return out
}

func laneOf(all []*lane, name string) *lane {
	for _, l := range all {
		if l.name == name {
			return l
		}
	}
	return nil
}

func (l *lane) has(k Kind) bool {
	return slices.ContainsFunc(l.steps, func(s Step) bool { return s.Kind == k })
}

// ofModel says that the lane is of a model, and not of a controller.
func (l *lane) ofModel() bool { return l.has(ModelUpgrade) }

// subject names what the lane is of, as findings do.
func (l *lane) subject() string {
	s := l.steps[0]
	switch {
	case s.User != nil:
		return "user " + s.User.Name + " of " + s.Target.Name
	case s.Item != nil:
		return s.Item.Path() + " of " + s.Target.Name
	case s.OnTarget() && s.Model == (fleet.Ref{}):
		return s.Target.Name
	case l.has(RefreshCharm):
		return "charms of " + s.Where().Name + ":" + s.Model.Name
	}
	if l.ofModel() {
		return s.Controller.Name + ":" + s.Model.Name
	}
	return s.Controller.Name
}

// going tells where to the lane brings what it is of.
func (l *lane) going() string {
	switch s := l.steps[0]; {
	case s.User != nil, s.Item != nil, l.has(RefreshCharm), s.OnTarget() && s.Model == (fleet.Ref{}):
		return ""
	case s.OnTarget():
		return " (to " + s.Target.Name + ")"
	default:
		return fmt.Sprintf(" (to %s)", s.To)
	}
}

// done is what is done with what the lane is of.
func (l *lane) done() string {
	switch s := l.steps[0]; {
	case s.User != nil:
		return "made"
	case s.Item != nil:
		return "cloned"
	case l.has(RefreshCharm):
		return "refreshed"
	case s.OnTarget() && s.Model == (fleet.Ref{}):
		return "prepared as planned"
	case s.OnTarget():
		return "moved"
	}
	return "upgraded"
}

// changes tells what is another in the lane now, each thing once.
func (l *lane) changes(now *lane) []string {
	var out []string
	tell := func(what string) {
		if what != "" && !slices.Contains(out, what) {
			out = append(out, what)
		}
	}
	if l.has(Backup) != now.has(Backup) {
		what := "would be upgraded without a backup"
		if now.has(Backup) {
			what = "would be backed up first"
		}
		tell(what)
	}
	order := false
	for _, s := range now.steps {
		i := slices.IndexFunc(l.steps, func(before Step) bool { return before.ID == s.ID })
		if i < 0 {
			if s.Kind == RefreshCharm {
				tell(s.Refresh.Application + " would be refreshed as well")
			}
			continue
		}
		before, after := l.steps[i].decision(), s.decision()
		tell(change(before, after))
		order = order || digest(before) != digest(after)
	}
	for _, s := range l.steps {
		if s.Kind == RefreshCharm && !slices.ContainsFunc(now.steps, func(n Step) bool { return n.ID == s.ID }) {
			tell(s.Refresh.Application + " would not be refreshed")
		}
	}
	if len(out) == 0 && order {
		tell("would wait for other steps first")
	}
	return out
}

// change tells what is another in a step; empty when it is nothing but its needs.
func change(before, now stepDecision) string {
	switch {
	case before.Controller != now.Controller, before.Model != now.Model:
		return "is another model or controller of the same name"
	case before.Target != now.Target:
		return "would go to another controller of the same name"
	case before.User != nil && now.User != nil && *before.User != *now.User:
		return fmt.Sprintf("would be made with access %s instead of %s", now.User.state(), before.User.state())
	case digest(before.Bootstrap) != digest(now.Bootstrap), digest(before.Config) != digest(now.Config):
		return "would be bootstrapped in another way"
	case before.Servers != now.Servers:
		return fmt.Sprintf("would get %d servers instead of %d", now.Servers, before.Servers)
	case before.Refresh != nil && now.Refresh != nil && digest(before.Refresh) != digest(now.Refresh):
		return refreshChange(before.Refresh, now.Refresh)
	case before.To != now.To:
		return fmt.Sprintf("would go to %s instead of %s", now.To, before.To)
	case !slices.Equal(before.Absent, now.Absent):
		return fmt.Sprintf("would be upgraded without %q instead of %q", now.Absent, before.Absent)
	}
	return ""
}

// state is what a user may do, in words.
func (u *User) state() string {
	if u.Disabled {
		return u.Access + " (disabled)"
	}
	return u.Access
}

// reason tells why a lane of an earlier plan is not in this one.
func (p *Plan) reason(l *lane) string {
	s := l.steps[0]
	if s.User != nil || s.Item != nil {
		return "exists there now, or is not needed any more"
	}
	if s.OnTarget() && s.Model == (fleet.Ref{}) {
		return "it needs that no more, or cannot have it now"
	}
	i := slices.IndexFunc(p.Controllers, func(c Controller) bool { return c.UUID == s.Controller.UUID })
	if i < 0 {
		return "its controller is not looked at now"
	}
	c := p.Controllers[i]
	if c.Problem != nil {
		return "blocked now: " + orElse(p.holding(c, ""), string(c.Problem.Code))
	}
	j := slices.IndexFunc(c.Models, func(m Model) bool { return m.UUID == s.Model.UUID })
	if !l.ofModel() {
		model := ""
		if j >= 0 {
			model = c.Models[j].UUID
		}
		return stands(c.Disposition, s, Model{From: c.From, To: c.To}, p.holding(c, model))
	}
	if j < 0 {
		return "it is not shown now"
	}
	m := c.Models[j]
	return stands(m.Disposition, s, m, strings.Join(m.Codes, ", "))
}

// stands tells how what was to go to a step's version stands now.
func stands(d Disposition, was Step, now Model, codes string) string {
	switch {
	case d == Held:
		return "blocked now: " + orElse(codes, "its findings tell")
	case d == LeftOut:
		return "left out now"
	case d == Moved:
		return "there already now"
	case d == Current && now.To.Compare(was.To) < 0:
		return "no newer version is visible now"
	case d == Current:
		return "up to date now"
	}
	return "not planned now"
}

// holding are the codes of the findings that hold the controller, and those that
// hold its own model when that is given.
func (p *Plan) holding(c Controller, model string) string {
	var codes []string
	for _, f := range p.Blockers() {
		wide := f.Scope == fleet.WholeRun || f.Scope == fleet.WholeController && f.Controller == c.UUID
		narrow := model != "" && f.Scope == fleet.OneModel && f.Model == model
		if (wide || narrow) && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	return strings.Join(codes, ", ")
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
