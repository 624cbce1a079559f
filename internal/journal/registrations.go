package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// RegistrationsName is the name, in a run's directory, of the file with the strings
// with which the users that it made register.
const RegistrationsName = "registrations.yaml"

const registrationsHead = `# Each user below was made on the new controller, and has yet to choose a password:
#     juju register STRING
# Send each of them the text under "send", by a way that nobody else can read. A string
# works once, and dies when another one is made. "juju upgrade-all handover" tells who
# has logged in. Delete this file when all of them have registered.
`

// Registrations are the strings with which users register, in the run's directory:
// a file that only its owner can read. Nothing in it is ever lost or replaced but by
// a newer string of the same user.
type Registrations struct {
	mu   sync.Mutex
	file string
	// state tells between which controllers users go.
	state func() State
	now   func() time.Time
}

// registration is what the file has of one user.
type registration struct {
	// Intended says that the user was seen not to exist, and was about to be made.
	Intended bool   `yaml:"made-by-this-run"`
	String   string `yaml:"register,omitempty"`
	// Issued is when the string was made.
	Issued time.Time `yaml:"issued,omitempty"`
	// Asked is when a new string was asked for that is not kept yet: all earlier ones
	// may be void.
	Asked time.Time `yaml:"asked-for-a-new-one,omitempty"`
	// Before is when the user was last seen before a new string was made, by the
	// controller's clock.
	Before time.Time `yaml:"last-login-before,omitempty"`
	// Send is the text for the user, with the string in it.
	Send string `yaml:"send,omitempty"`
}

// Registrations returns the run's.
func (r *Run) Registrations() *Registrations {
	return &Registrations{file: r.RegistrationsFile(), state: r.State, now: r.now}
}

// RegistrationsFile is the name of the file that has them.
func (r *Run) RegistrationsFile() string { return filepath.Join(r.Dir, RegistrationsName) }

// Intend makes durable that the user, who was seen not to exist, is about to be made.
func (r *Registrations) Intend(user string) error {
	return r.change(func(all map[string]registration) { all[user] = registration{Intended: true} })
}

// Forget takes that back: somebody else made the user.
func (r *Registrations) Forget(user string) error {
	return r.change(func(all map[string]registration) { delete(all, user) })
}

// Keep makes the user's string durable.
func (r *Registrations) Keep(user string, s fleet.Secret) error {
	return r.KeepAnew(user, s, time.Time{})
}

// Void makes durable that a new string is about to be asked for, of a user who was last
// seen at that time: from then on none is kept of that user, since an earlier one may
// be void. The function that is returned takes that back, for when Juju says no.
func (r *Registrations) Void(user string, before time.Time) (takeBack func() error, err error) {
	var was registration
	var known bool
	err = r.change(func(all map[string]registration) {
		was, known = all[user]
		all[user] = registration{Intended: was.Intended, Asked: r.now().UTC(), Before: before}
	})
	return func() error {
		return r.change(func(all map[string]registration) {
			if all[user] = was; !known {
				delete(all, user)
			}
		})
	}, err
}

// KeepAnew makes a new string durable, of a user who was last seen at that time.
// Whether the run made that user stays as it was.
func (r *Registrations) KeepAnew(user string, s fleet.Secret, before time.Time) error {
	return r.change(func(all map[string]registration) {
		all[user] = registration{Intended: all[user].Intended, String: s.Reveal(), Issued: r.now().UTC(), Before: before, Send: r.letter(user, s)}
	})
}

// letter is what the operator sends to a user.
func (r *Registrations) letter(user string, s fleet.Secret) string {
	state := r.state()
	source := ""
	for _, c := range state.Plan.Controllers {
		source = c.Name
	}
	target, client := state.Target().Name, ""
	if t := state.Plan.Target; t != nil {
		client = fmt.Sprintf(" (version %d.%d)", t.Version.Major, t.Version.Minor)
	}
	return fmt.Sprintf(`Hello %[1]s,

the Juju controller %[2]s is replaced by %[3]s, and your models move there.
Where you use juju%[5]s, type this, and choose a password (the old one is not taken over):

    juju register %[4]s

It works once, and only for you: keep it to yourself. Then "juju models -c %[3]s" shows
your models. If your client has a controller named %[3]s already, it asks for another name.
`, user, source, target, s.Reveal(), client)
}

// File is the name of the file that has them.
func (r *Registrations) File() string { return r.file }

// Issue tells of a string: when it was made or, while it is not Kept, asked for, and
// when its user was last seen before, if it is a new one.
type Issue struct {
	At, Before time.Time
	// Kept says that the file has the string.
	Kept bool
}

// Issued tells of the strings that were made or asked for, by user.
func (r *Registrations) Issued() (map[string]Issue, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all, err := r.read()
	out := map[string]Issue{}
	for user, is := range all {
		switch {
		case is.String != "":
			out[user] = Issue{At: is.Issued, Before: is.Before, Kept: true}
		case !is.Asked.IsZero():
			out[user] = Issue{At: is.Asked, Before: is.Before}
		}
	}
	return out, err
}

// Registrations returns those of a run, whatever its state.
func (s Store) Registrations(state State) *Registrations {
	return &Registrations{
		file: filepath.Join(s.RunDir(state.Run), RegistrationsName), state: func() State { return state }, now: time.Now,
	}
}

// Of tells whether the user was about to be made, and whether the string is kept.
func (r *Registrations) Of(user string) (intended, kept bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all, err := r.read()
	return all[user].Intended, all[user].String != "", err
}

func (r *Registrations) change(how func(map[string]registration)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	all, err := r.read()
	if err != nil {
		return err
	}
	how(all)
	var data bytes.Buffer
	data.WriteString(registrationsHead)
	if err := yaml.NewEncoder(&data).Encode(map[string]any{"users": all}); err != nil {
		return fmt.Errorf("cannot keep the registrations: %w", err)
	}
	return writeFile(r.file, data.Bytes())
}

func (r *Registrations) read() (map[string]registration, error) {
	var content struct {
		Users map[string]registration `yaml:"users"`
	}
	data, err := os.ReadFile(r.file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot read the registrations: %w", err)
	}
	if err := yaml.Unmarshal(data, &content); err != nil {
		// Its text could quote a string.
		return nil, fmt.Errorf("cannot read the registrations: %s is not the YAML that this tool wrote", r.file)
	}
	if content.Users == nil {
		content.Users = map[string]registration{}
	}
	return content.Users, nil
}
