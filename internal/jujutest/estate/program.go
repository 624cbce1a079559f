package estate

import (
	"slices"
	"strings"
)

// ProgramName is the name under which faults of the juju program are injected.
const ProgramName = "juju"

// Program describes the juju program that stands in for the real one.
type Program struct {
	// Version of the program, and of the controllers that it makes; 3.6.11 if empty.
	Version string `yaml:"version,omitempty"`
	// Clouds that it can bootstrap on, besides those that controllers are on. Where
	// controllers are, a manual cloud has no machine left.
	Clouds []Cloud `yaml:"clouds,omitempty"`
	// Offers are what the streams of the controllers that it makes offer; their own
	// version if there are none.
	Offers []string `yaml:"series-offers,omitempty"`
	// Faults are there from the start: those that [Fault.OfProgram] tells.
	Faults []Fault `yaml:"faults,omitempty"`
}

// BootstrapStages are the stages of a bootstrap, in their order: the client looks for
// agents and clouds (prepare), has the cloud make a machine (launch), runs a script on
// it (script), after which the controller comes up by itself, and waits until its API
// answers (contact).
func BootstrapStages() []string { return []string{"prepare", "launch", "script", "contact"} }

// program checks what is said of the juju program.
func (v *validator) program(e Estate) {
	path := []any{"juju"}
	v.version(at(path, "version"), e.Juju.Version)
	for i, offer := range e.Juju.Offers {
		v.version(at(path, "series-offers", i), offer)
	}
	v.clouds(path, Controller{Cloud: " ", Clouds: e.Juju.Clouds})
	for i, f := range e.Juju.Faults {
		if err := f.Validate(); err != nil {
			v.fail(at(path, "faults", i), "%v", err)
		} else if !f.OfProgram() {
			v.fail(at(path, "faults", i), "fault %s is one of a controller", f.Kind)
		}
	}
	for stage, d := range e.Timing.Bootstraps {
		if !slices.Contains(BootstrapStages(), stage) || d < 0 {
			v.fail([]any{"timing", "bootstrap-stages", stage}, "%s %v: want a time for one of %s", stage, d, strings.Join(BootstrapStages(), ", "))
		}
	}
}
