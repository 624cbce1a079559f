package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// RegistrationsName is the name, in a run's directory, of the file with the strings
// with which the users that it made register.
const RegistrationsName = "registrations.yaml"

const registrationsHead = `# Each user below was made on the new controller, and has yet to choose a password:
#     juju register STRING
# Give each of them their own string, by a way that nobody else can read. It works
# once. Delete this file when all of them have registered.
`

// Registrations are the strings with which users register, in the run's directory:
// a file that only its owner can read. Nothing in it is ever lost or replaced but by
// a newer string of the same user.
type Registrations struct {
	mu   sync.Mutex
	file string
}

// registration is what the file has of one user.
type registration struct {
	// Intended says that the user was seen not to exist, and was about to be made.
	Intended bool   `yaml:"made-by-this-run"`
	String   string `yaml:"register,omitempty"`
}

// Registrations returns the run's.
func (r *Run) Registrations() *Registrations {
	return &Registrations{file: r.RegistrationsFile()}
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
	return r.change(func(all map[string]registration) { all[user] = registration{Intended: true, String: s.Reveal()} })
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
