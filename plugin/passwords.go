package plugin

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// readPasswords reads the passwords of users: YAML, user: password, in a file that
// nobody else can read. They are kept in memory only. No error quotes the file.
func readPasswords(file string) (map[string]fleet.Secret, error) {
	bad := func(why string) error { return fleet.BadInput("--password-file %s %s", file, why) }
	info, err := os.Stat(file)
	var why *fs.PathError
	switch {
	case errors.As(err, &why):
		return nil, bad("cannot be read: " + why.Err.Error())
	case err != nil:
		return nil, bad("cannot be read")
	case !info.Mode().IsRegular():
		return nil, bad("is no regular file")
	case info.Mode().Perm()&0o077 != 0:
		return nil, bad("can be read by others than its owner: chmod 600 " + file)
	}
	data, err := os.ReadFile(file)
	if errors.As(err, &why) {
		return nil, bad("cannot be read: " + why.Err.Error())
	}
	var content map[string]string
	if err != nil || yaml.Unmarshal(data, &content) != nil {
		return nil, bad("is not YAML of the form USER: PASSWORD")
	}
	if len(content) == 0 {
		return nil, bad("has no user")
	}
	out := make(map[string]fleet.Secret, len(content))
	for user, password := range content {
		if password == "" {
			return nil, bad("has no password for " + user)
		}
		out[user] = fleet.Secret(password)
	}
	return out, nil
}

func sortedNames(passwords map[string]fleet.Secret) []string {
	var out []string
	for user := range passwords {
		out = append(out, user)
	}
	slices.Sort(out)
	return out
}

// givenPasswords makes sure that each of the users is made by the plan: nobody else's
// password is changed.
func givenPasswords(p *plan.Plan) error {
	for _, user := range p.Goal.Passwords {
		if slices.ContainsFunc(p.Steps, func(s plan.Step) bool { return s.User != nil && s.User.Name == user }) {
			continue
		}
		i := slices.IndexFunc(p.People, func(person plan.Person) bool { return person.Name == user })
		switch {
		case len(p.People) == 0:
			continue // nothing is planned, and the plan says why
		case i < 0:
			return fleet.BadInput("--password-file names %s, who is no user of the controller that models leave", user)
		case p.People[i].Comes == plan.WasThere:
			return fleet.BadInput("--password-file names %s, who exists on %s already: the password there is left as it is (juju change-user-password)", user, p.Goal.To.Name)
		case p.People[i].Comes == plan.ComesWithIt:
			return fleet.BadInput("--password-file names %s, who is made with %s, by its bootstrap: the password there is new, and is changed afterwards by juju change-user-password", user, p.Goal.To.Name)
		case p.People[i].Comes == plan.External:
			return fleet.BadInput("--password-file names %s, whose password Juju does not keep", user)
		default:
			return fleet.BadInput("--password-file names %s, who is not made on %s", user, p.Goal.To.Name)
		}
	}
	return nil
}

// foreseen makes sure that the plan, whose name is given, gives a password to each of
// the users: anybody else would be made without it, and nobody would be told.
func foreseen(p *plan.Plan, passwords map[string]fleet.Secret, name, instead string) error {
	others := slices.DeleteFunc(sortedNames(passwords), func(user string) bool {
		return slices.ContainsFunc(p.Steps, func(s plan.Step) bool {
			return s.Kind == plan.AddUser && s.User.Password && s.User.Name == user
		})
	})
	switch {
	case len(passwords) > 0 && p.Journey != plan.Move:
		return fleet.BadInput("--password-file goes with models that move to another controller: %s makes no users", name)
	case len(others) > 0:
		return fleet.BadInput("--password-file names %s, to whom %s gives no password: %s", strings.Join(others, ", "), name, instead)
	}
	return nil
}

// unmade are the users who are still to be made with a known password.
func unmade(state journal.State) []string {
	var out []string
	for _, s := range state.Plan.Steps {
		if s.Kind == plan.AddUser && s.User.Password && state.Steps[s.ID].Status != journal.Done {
			out = append(out, s.User.Name)
		}
	}
	return out
}

// enough makes sure that there is a password for each of the users.
func enough(passwords map[string]fleet.Secret, users []string, again string) error {
	var missing []string
	for _, user := range users {
		if passwords[user] == "" {
			missing = append(missing, user)
		}
	}
	if len(missing) > 0 {
		return fleet.BadInput("%s to be given a known password, which is stored nowhere: %s --password-file FILE", are(missing), again)
	}
	return nil
}

func are(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(names, ", ") + " are"
}
