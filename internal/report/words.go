package report

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// took is a duration in its two largest units: 32s, 14m32s, 3h5m, 2d3h.
func took(d time.Duration) string {
	d = max(0, d.Round(time.Second))
	day := 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return units(d, time.Minute, "m", time.Second, "s")
	case d < day:
		return units(d, time.Hour, "h", time.Minute, "m")
	}
	return units(d, day, "d", time.Hour, "h")
}

func units(d, major time.Duration, name string, minor time.Duration, small string) string {
	s := fmt.Sprintf("%d%s", d/major, name)
	if rest := d % major / minor; rest > 0 {
		s += fmt.Sprintf("%d%s", rest, small)
	}
	return s
}

// age is a duration in its largest unit: 32s, 14m, 3h, 2d.
func age(d time.Duration) string {
	d = max(0, d)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dd", d/(24*time.Hour))
}

// since is the age of a moment; "" when it is not known.
func since(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return age(now.Sub(t))
}

// about is an estimate, in no more detail than an estimate has.
func about(d time.Duration) string {
	switch {
	case d < time.Minute:
		return took(max(10*time.Second, d.Round(10*time.Second)))
	case d < 10*time.Hour:
		return took(d.Round(time.Minute))
	}
	return took(d.Round(time.Hour))
}

// count is a number of things: "1 model", "2 models".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// join lists things as a sentence does: "a", "a and b", "a, b and c".
func join(things []string) string {
	if len(things) < 2 {
		return strings.Join(things, "")
	}
	last := len(things) - 1
	return strings.Join(things[:last], ", ") + " and " + things[last]
}

// some lists the things when they are few, and else counts them.
func some(things []string, limit int, thing string) string { return join(few(things, limit, thing)) }

// few are the things when they are few, and else their number alone.
func few(things []string, limit int, thing string) []string {
	if len(things) > limit {
		return []string{count(len(things), thing)}
	}
	return things
}

// are is the verb for n things.
func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// areThey is the verb for things by their names: "40 applications of admin/web" are.
func areThey(names []string) string {
	if len(names) == 1 && names[0] != "" && unicode.IsDigit(rune(names[0][0])) && strings.Contains(names[0], " ") {
		return are(2)
	}
	return are(len(names))
}

// number is a version; "unknown" for none.
func number(v version.Number) string {
	if v == version.Zero {
		return "unknown"
	}
	return v.String()
}

// hop is the way from a version to another.
func (s Style) hop(from, to version.Number) string {
	if from == to || to == version.Zero {
		return number(from)
	}
	return number(from) + " " + s.arrow() + " " + number(to)
}

// subject names what a step is about as findings do: "prod", "prod:admin/db". A
// model that moves is named where it is before the step.
func subject(step plan.Step) string {
	if step.Kind == plan.FollowModels {
		return "client"
	}
	at := step.Where().Name
	if step.Refresh != nil {
		return clean(at + ":" + step.Model.Name + "." + step.Refresh.Application)
	}
	if step.Kind == plan.Relations {
		return clean(at + ":" + step.Model.Name)
	}
	for _, name := range []string{at, step.Controller.Name} {
		rest, ok := strings.CutPrefix(step.Lane, "/"+name+"/models/")
		switch {
		case ok && step.Kind == plan.Migrate:
			return clean(step.Controller.Name + ":" + rest)
		case ok:
			return clean(at + ":" + rest)
		}
	}
	return clean(at)
}

// several says that the places of a plan have to be told apart.
func several(full *plan.Plan) bool { return len(full.Controllers) > 1 || full.Target != nil }

// lane is what a lane is called where the controller need not be said.
func lane(step plan.Step, severalPlaces bool) string {
	s := subject(step)
	if severalPlaces {
		return s
	}
	if _, model, ok := strings.Cut(s, ":"); ok {
		return model
	}
	return "controller"
}

// deed is what a step does, in a word or two.
func deed(step *plan.Step) string {
	switch step.Kind {
	case plan.ControllerUpgrade, plan.ModelUpgrade:
		return "upgrade"
	case plan.AddUser:
		if step.User != nil {
			return "user " + clean(step.User.Name)
		}
	case plan.DisableUser:
		if step.User != nil {
			return "disable user " + clean(step.User.Name)
		}
	case plan.CloneItem:
		if step.Item != nil {
			return itemWords(*step.Item)
		}
	case plan.FollowModels:
		return "follow"
	case plan.RefreshCharm:
		return "refresh"
	}
	return string(step.Kind)
}

// agentNames are what people call the agents: a unit by its name alone.
func agentNames(agents []fleet.Agent) []string {
	out := make([]string, len(agents))
	for i, a := range agents {
		out[i] = clean(strings.TrimPrefix(a.String(), "unit "))
	}
	return out
}
