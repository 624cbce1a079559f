package report

import (
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// usersNamed is up to how many users that are made are named.
const usersNamed = 5

// users draws who is made on the target, who else comes there, and the run's own.
func (p *page) users(full *plan.Plan) {
	var names []string
	register := 0
	for _, s := range full.Steps {
		if s.Kind == plan.AddUser && s.User != nil {
			names = append(names, clean(s.User.Name)+parenthesis(access(s.User)))
			if !s.User.Password {
				register++
			}
		}
	}
	if n := len(names); n > 0 {
		p.row("users", fmt.Sprintf("%d to make: %s", n, p.style.listed(names, usersNamed)))
		p.sentence(line{say("%s", indent)}, registering(n, register))
	} else if len(full.People) > 0 {
		p.row("users", "none to make")
	}
	p.others(full)
	if hasKind(full, plan.RemoveAccounts) {
		p.row("superuser", "one of the run's own, while models move; removed at the end")
	}
}

// registering says how those who are made get in.
func registering(made, register int) string {
	const where = "strings go to registrations.yaml in the run's directory (0600)"
	switch {
	case register == 0:
		return "they have the passwords that were given: nobody needs to register"
	case register < made:
		return fmt.Sprintf("%d to register: their %s; the others have the passwords that were given", register, where)
	}
	return "their registration " + where
}

// comings are how users get to the target without being made to register, in the
// order of the screens, and what is said of them.
var comings = []struct {
	comes plan.Coming
	words string
}{
	{plan.WasThere, "there already, and left as is"},
	{plan.ComesWithIt, "made with the controller, with a new password that this client keeps"},
	{plan.External, "external, to log in as before where both have the same identity provider"},
	{plan.Restored, "in the backup, with their passwords"},
	{plan.StaysOut, "not made: no model needs them"},
}

// others draws the users who are not made one by one.
func (p *page) others(full *plan.Plan) {
	for _, of := range comings {
		if names := peopleWho(full.People, of.comes); len(names) > 0 {
			p.sentence(line{say("%s", indent)}, p.style.listed(names, usersNamed)+": "+of.words)
		}
	}
}

func peopleWho(people []plan.Person, comes plan.Coming) []string {
	var out []string
	for _, person := range people {
		if person.Comes == comes {
			out = append(out, clean(person.Name))
		}
	}
	return out
}
