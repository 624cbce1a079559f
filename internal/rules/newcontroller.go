package rules

import (
	"fmt"

	"github.com/juju/version/v2"
)

// Maker tells whether a juju client makes a controller that models may move to.
type Maker struct {
	// Refused is why it does not; empty when it does.
	Refused string
	// Want is the version that a client has to be of, or later within its series, to
	// make one. It is zero when no such is known.
	Want version.Number
}

// Bootstraps tells whether a client of that version makes a controller that the
// models of a source may move to: a client makes controllers of its own version.
// Source: Juju cmd/juju/commands/bootstrap.go ("this client can only bootstrap %v.%v
// agents").
func Bootstraps(client, source version.Number) Maker {
	refused := WayOf(source, client).Refused
	if refused == "" {
		return Maker{}
	}
	return Maker{Refused: refused, Want: makerFor(client, source)}
}

// makerFor is the version of a client that would do: the source's own where the
// client's is older; else the newest step that leads towards the client's.
func makerFor(client, source version.Number) version.Number {
	if HopOf(source, client) == Back {
		return source
	}
	steps := []version.Number{{Major: 4, Minor: 1}, firstMigrating(), stepBefore(4)}
	var beyond version.Number
	for _, step := range steps {
		switch {
		case HopOf(source, step) == Back, WayOf(source, step).Refused != "":
		case step.Compare(client) <= 0:
			return step
		default:
			beyond = step
		}
	}
	return beyond
}

// firstCopied is the oldest version whose backup juju-restore copies to another
// controller. Source: juju-restore core/restorer.go (minimum for --copy-controller).
func firstCopied() version.Number { return version.Number{Major: 2, Minor: 9, Patch: 37} }

// NoCopy returns why "juju-restore --copy-controller" cannot give a controller at
// target what a backup of one at source has; empty when it can. Kubernetes says that
// one of them is there.
// Source: juju-restore core/restorer.go and db/mongo.go; NoBackup, NotRestorable.
func NoCopy(source, target version.Number, kubernetes bool) string {
	switch {
	case kubernetes:
		return "Juju makes no backups of controllers on Kubernetes, and restores none there"
	case source.Major >= 4 || target.Major >= 4:
		return "juju-restore works with the database of Juju 2 and 3 only"
	case source.Compare(firstCopied()) < 0:
		return fmt.Sprintf("juju-restore copies backups from %s on, and this would be one of %s", firstCopied(), source)
	case target.Compare(source) < 0:
		return fmt.Sprintf("juju-restore takes no backup that is newer (%s) than the controller (%s)", source, target)
	}
	return NotRestorable(source)
}
