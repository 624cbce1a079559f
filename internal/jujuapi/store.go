package jujuapi

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/juju/errors"
	"gopkg.in/yaml.v3"

	"github.com/juju/juju/juju/osenv"
	"github.com/juju/juju/jujuclient"
)

// What a client store, or a name that is looked up in it, can be faulted for. All
// are bad input: nothing was changed.
const (
	// ErrBadStore: the store cannot be read, or is not one.
	ErrBadStore = errors.ConstError("unusable client store")
	// ErrUnknownController: the store has no controller of that name.
	ErrUnknownController = errors.ConstError("unknown controller")
	// ErrNoController: none was named, and none is current.
	ErrNoController = errors.ConstError("no controller selected")
)

// snapName is the name that this tool's snap runs under, see SNAP_NAME.
const snapName = "juju-upgrade-all"

// Store is the Juju client's store: the registry of controllers, the accounts
// and the cookies. Reading takes no lock, since Juju replaces its files whole.
type Store struct {
	dir string
}

// OpenStore finds the store as juju does: JUJU_DATA, else XDG_DATA_HOME/juju, else
// ~/.local/share/juju. It reads nothing yet, and unlike juju makes no ssh keys.
func OpenStore() (*Store, error) {
	dir := osenv.JujuXDGDataHomeDir()
	// Without a home, Juju's own answer is a folder in the current one.
	known := os.Getenv(osenv.JujuXDGDataHomeEnvKey) != "" || os.Getenv(osenv.XDGDataHome) != ""
	if dir == "" || !known && !filepath.IsAbs(dir) {
		return nil, bad(errors.New("cannot find juju's data: neither JUJU_DATA nor HOME is set"))
	}
	return StoreIn(dir), nil
}

// StoreIn returns the store in a folder.
func StoreIn(dir string) *Store { return &Store{dir: dir} }

// DataDir is the folder of the store.
func (s *Store) DataDir() string { return s.dir }

// Registered is a controller of the client's registry. Several names of one UUID
// are one controller.
type Registered struct {
	UUID string
	// Name is the preferred name: the current controller's, else the first in
	// the alphabet. Aliases are the others, sorted.
	Name    string
	Aliases []string
}

// Controllers are the controllers of the registry by their names. A store that
// is not there has none.
func (s *Store) Controllers() ([]Registered, error) {
	registry, err := s.registry()
	if err != nil {
		return nil, err
	}
	byUUID := make(map[string][]string)
	for name, details := range registry.Controllers {
		byUUID[details.ControllerUUID] = append(byUUID[details.ControllerUUID], name)
	}
	out := make([]Registered, 0, len(byUUID))
	for uuid, names := range byUUID {
		sort.Strings(names)
		for i, name := range names {
			if name == registry.CurrentController {
				copy(names[1:i+1], names[:i])
				names[0] = name
			}
		}
		out = append(out, Registered{UUID: uuid, Name: names[0], Aliases: names[1:]})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

// Current is the name of the controller that juju would work on when none is
// named: that of JUJU_MODEL (CONTROLLER:MODEL) or JUJU_CONTROLLER, which must not
// contradict each other, else the one that was switched to. (Rules of
// cmd/modelcmd DetermineCurrentController.)
func (s *Store) Current() (string, error) {
	byModel, _, ok := strings.Cut(os.Getenv(osenv.JujuModelEnvKey), ":")
	if !ok {
		byModel = ""
	}
	byName := os.Getenv(osenv.JujuControllerEnvKey)
	if byModel != "" && byName != "" && byModel != byName {
		return "", errors.WithType(errors.Errorf("controller %q of %s contradicts %q of %s",
			byModel, osenv.JujuModelEnvKey, byName, osenv.JujuControllerEnvKey), ErrNoController)
	}
	registry, err := s.registry()
	if err != nil {
		return "", err
	}
	name := registry.CurrentController
	if byName != "" {
		name = byName
	}
	if byModel != "" {
		name = byModel
	}
	if name == "" {
		why := `no controller is current: name one with -c, or "juju switch" to one`
		if len(registry.Controllers) == 0 {
			why = fmt.Sprintf(`no controllers are registered in %s: "juju register" or "juju bootstrap" one`, s.dir)
		}
		return "", errors.WithType(errors.New(why), ErrNoController)
	}
	if _, ok := registry.Controllers[name]; !ok {
		return "", unknown(name, registry)
	}
	return name, nil
}

// named finds the registry's entry for a controller: by its name, when its UUID
// is that of the name or empty, else by its UUID alone.
func (s *Store) named(name, uuid string) (string, *jujuclient.ControllerDetails, error) {
	registry, err := s.registry()
	if err != nil {
		return "", nil, err
	}
	if details, ok := registry.Controllers[name]; ok && (uuid == "" || details.ControllerUUID == uuid) {
		return name, &details, nil
	}
	if uuid != "" {
		var names []string
		for other, details := range registry.Controllers {
			if details.ControllerUUID == uuid {
				names = append(names, other)
			}
		}
		if sort.Strings(names); len(names) > 0 {
			details := registry.Controllers[names[0]]
			return names[0], &details, nil
		}
	}
	return "", nil, unknown(name, registry)
}

// account is the account of a controller's name; nil when nobody is logged in.
func (s *Store) account(name string) (*jujuclient.AccountDetails, error) {
	data, err := s.read("accounts.yaml")
	if err != nil || data == nil {
		return nil, err
	}
	accounts, err := jujuclient.ParseAccounts(data)
	if err != nil {
		// The text may quote the file, which has passwords in it.
		return nil, bad(errors.Errorf("cannot read %s: it is not a juju accounts file", s.path("accounts.yaml")))
	}
	if account, ok := accounts[name]; ok {
		account.User = strings.TrimSuffix(account.User, "@local")
		return &account, nil
	}
	return nil, nil
}

// controllerModel is what the store knows of the UUID of a controller's own model;
// empty when it does not.
func (s *Store) controllerModel(name string) string {
	if data, err := s.read("models.yaml"); err == nil {
		if models, err := jujuclient.ParseModels(data); err == nil && models[name] != nil {
			if details, ok := models[name].Models["admin/controller"]; ok {
				return details.ModelUUID
			}
		}
	}
	data, err := s.read("bootstrap-config.yaml")
	if err != nil {
		return ""
	}
	var file struct {
		Controllers map[string]struct {
			UUID string `yaml:"controller-model-uuid"`
		} `yaml:"controllers"`
	}
	if yaml.Unmarshal(data, &file) != nil {
		return ""
	}
	return file.Controllers[name].UUID
}

// registry reads controllers.yaml.
func (s *Store) registry() (*jujuclient.Controllers, error) {
	const file = "controllers.yaml"
	data, err := s.read(file)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return &jujuclient.Controllers{}, nil
	}
	var keys map[string]yaml.Node
	if err := yaml.Unmarshal(data, &keys); err != nil {
		return nil, bad(errors.Annotatef(err, "cannot read %s", s.path(file)))
	}
	if _, ok := keys["controllers"]; !ok && len(keys) > 0 {
		return nil, bad(errors.Errorf("cannot read %s: it is not a juju controllers file", s.path(file)))
	}
	registry, err := jujuclient.ParseControllers(data)
	if err != nil {
		return nil, bad(errors.Annotatef(errors.Cause(err), "cannot read %s", s.path(file)))
	}
	for name, details := range registry.Controllers {
		if details.ControllerUUID == "" {
			return nil, bad(errors.Errorf("cannot read %s: controller %q has no uuid", s.path(file), name))
		}
	}
	return registry, nil
}

// read returns a file of the store, nil when it is not there.
func (s *Store) read(file string) ([]byte, error) {
	data, err := os.ReadFile(s.path(file))
	switch {
	case err == nil:
		return data, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, fs.ErrPermission) && os.Getenv("SNAP_NAME") == snapName:
		return nil, bad(errors.Errorf("%v\n\nthe snap may not read juju's data yet; allow it with:\n    sudo snap connect %s:dot-local-share-juju", err, snapName))
	}
	return nil, bad(errors.Annotate(err, "cannot read juju's data"))
}

func (s *Store) path(file string) string { return filepath.Join(s.dir, file) }

func bad(err error) error { return errors.WithType(err, ErrBadStore) }

func unknown(name string, registry *jujuclient.Controllers) error {
	names := make([]string, 0, len(registry.Controllers))
	for known := range registry.Controllers {
		names = append(names, known)
	}
	sort.Strings(names)
	why := fmt.Sprintf(`no controller %q in this client's registry`, name)
	if len(names) > 0 {
		why += ": it has " + strings.Join(names, ", ")
	}
	return errors.WithType(errors.New(why), ErrUnknownController)
}
