package fleet

import (
	"fmt"
	"path"
	"strings"

	"github.com/juju/version/v2"
)

// BackupMode says what is to be done about backups.
type BackupMode string

// The backup modes of --backup.
const (
	BackupAuto    BackupMode = "auto"
	BackupRequire BackupMode = "require"
	BackupSkip    BackupMode = "skip"
)

// Goal is what the operator wants, in terms of a Fleet.
type Goal struct {
	// AgentVersion is the version to reach; zero for the newest patch of the
	// controller's series that the controller itself can see.
	AgentVersion version.Number `json:"agent-version"`
	// Include narrows the models; empty for all. With it the controller is
	// left as it is unless WithController.
	Include        []ModelPattern `json:"include,omitempty"`
	Exclude        []ModelPattern `json:"exclude,omitempty"`
	WithController bool           `json:"with-controller,omitempty"`
	Accept         []Acceptance   `json:"accept,omitempty"`
	Backup         BackupMode     `json:"backup"`
	// Canary names models that go first: the others begin when these are there.
	Canary []ModelPattern `json:"canary,omitempty"`
	// To is the controller that models move to; zero when nothing moves. The
	// versions above are then those that the source is brought to first.
	To Ref `json:"to,omitzero"`
	// ToVersion is the version of that controller when it was looked at: nothing
	// that is to move there may be brought beyond it.
	ToVersion version.Number `json:"to-version,omitzero"`
	// Bootstrap is how the controller To is to be made; nil when it exists. To then
	// has no UUID yet.
	Bootstrap *Bootstrap `json:"bootstrap,omitempty"`
	// Clone says how what the source has besides models reaches To; empty as none.
	Clone CloneMode `json:"clone,omitempty"`
	// Restore is the juju-restore program of CloneRestore.
	Restore string `json:"juju-restore,omitempty"`
	// Juju is the juju client program that makes To, and that it is restored with.
	Juju string `json:"juju,omitempty"`
	// JujuTyped says that it was named, and not found on PATH.
	JujuTyped bool `json:"juju-named,omitempty"`
	// Passwords are the users who are given a known password on To, and so need no
	// registration.
	Passwords []string `json:"passwords,omitempty"`
	// Charms says whether applications are refreshed.
	Charms CharmMode `json:"charms,omitempty"`
	// Apps narrows the applications; empty for all. ExcludeApps are left alone.
	Apps        []AppPattern `json:"apps,omitempty"`
	ExcludeApps []AppPattern `json:"exclude-apps,omitempty"`
	// CharmOrder are the applications that go first in their models, in this order.
	CharmOrder []AppPattern `json:"charm-order,omitempty"`
	// CharmFiles are local charms, and the applications that are given them.
	CharmFiles []CharmFile `json:"charm-files,omitempty"`
}

// Moves says that models are to move to another controller.
func (g Goal) Moves() bool { return g.To != Ref{} }

// Clones says that what models need of the source besides users is cloned where it is
// missing; ClonesAll, that all is: not where only some models are brought to To.
func (g Goal) Clones() bool { return g.Moves() && (g.Clone == CloneNative || g.Clone == CloneRestore) }

// ClonesAll is as described at Clones.
func (g Goal) ClonesAll() bool { return g.Clones() && g.UpgradesController() }

// First says whether the model is a canary.
func (g Goal) First(c *Controller, m *Model) bool {
	for _, p := range g.Canary {
		if p.Matches(c, m) {
			return true
		}
	}
	return false
}

// Beyond says that a version is of the series of the controller that models move
// to, and newer: a model that went there could not move any more.
func (g Goal) Beyond(v version.Number) bool {
	return g.Moves() && v.Major == g.ToVersion.Major && v.Minor == g.ToVersion.Minor && v.Compare(g.ToVersion) > 0
}

// UpgradesController says whether controllers themselves are in the goal.
func (g Goal) UpgradesController() bool {
	return g.UpgradesAgents() && (len(g.Include) == 0 || g.WithController)
}

// Wants says whether the model is in the goal, by its names.
func (g Goal) Wants(c *Controller, m *Model) bool {
	for _, p := range g.Exclude {
		if p.Matches(c, m) {
			return false
		}
	}
	if len(g.Include) == 0 {
		return true
	}
	for _, p := range g.Include {
		if p.Matches(c, m) {
			return true
		}
	}
	return false
}

// Target is the version that the controller and its models are to reach where they
// are (before they move, if they are to move): the wished one, else the newest that
// the controller sees, else its own. For models alone it is always the controller's
// own version. Knows says whether it is more than a guess.
func (g Goal) Target(c *Controller) version.Number {
	switch {
	case !g.UpgradesController():
		return c.Version
	case g.AgentVersion != version.Zero:
		return g.AgentVersion
	case c.Underway() != version.Zero:
		return c.Underway()
	case c.Objections != nil && c.Objections.Chosen.Compare(c.Version) > 0 && !g.Beyond(c.Objections.Chosen):
		return c.Objections.Chosen
	}
	return c.Version
}

// Knows says whether the target of a controller that could be looked at is known.
// It is not when it rests on what the controller sees as its newest, and the
// controller was not asked, or refused, or failed to tell: Target then falls back
// to the controller's own version, which says nothing of its being up to date.
func (g Goal) Knows(c *Controller) bool {
	if !g.UpgradesController() || g.AgentVersion != version.Zero || c.Underway() != version.Zero {
		return true
	}
	o := c.Objections
	return o != nil && (o.Problem == nil || o.Problem.Code == UpToDate || o.Chosen.Compare(c.Version) > 0)
}

// ModelPattern is [CTRL:][OWNER/]NAME, each part a glob, or a model's UUID.
type ModelPattern struct {
	Controller string `json:"controller,omitempty"`
	Owner      string `json:"owner,omitempty"`
	Name       string `json:"name"`
}

// ParseModelPattern reads the notation of -m and --exclude.
func ParseModelPattern(s string) (ModelPattern, error) {
	var p ModelPattern
	rest := s
	if before, after, ok := strings.Cut(rest, ":"); ok {
		p.Controller, rest = before, after
		if before == "" {
			return p, fmt.Errorf("model pattern %q has no controller before the colon", s)
		}
	}
	if before, after, ok := strings.Cut(rest, "/"); ok {
		p.Owner, rest = before, after
		if before == "" {
			return p, fmt.Errorf("model pattern %q has no owner before the slash", s)
		}
	}
	if strings.Contains(p.Owner, ":") {
		return p, fmt.Errorf("model pattern %q has more than one colon", s)
	}
	p.Name = rest
	if p.Name == "" || strings.ContainsAny(p.Name, "/:") {
		return p, fmt.Errorf("model pattern %q is not [CONTROLLER:][OWNER/]NAME", s)
	}
	for _, part := range []string{p.Controller, p.Owner, p.Name} {
		if _, err := path.Match(part, ""); err != nil {
			return p, fmt.Errorf("model pattern %q: %q is not a pattern: %v", s, part, err)
		}
	}
	return p, nil
}

// String is the notation that ParseModelPattern reads.
func (p ModelPattern) String() string {
	s := p.Name
	if p.Owner != "" {
		s = p.Owner + "/" + s
	}
	if p.Controller != "" {
		s = p.Controller + ":" + s
	}
	return s
}

// MatchesController says whether the pattern may have models there.
func (p ModelPattern) MatchesController(c *Controller) bool {
	if p.Controller == "" || glob(p.Controller, c.Name) {
		return true
	}
	for _, alias := range c.Aliases {
		if glob(p.Controller, alias) {
			return true
		}
	}
	return false
}

// Matches says whether the pattern is meant for the model.
func (p ModelPattern) Matches(c *Controller, m *Model) bool {
	if !p.MatchesController(c) {
		return false
	}
	if p.Owner == "" && p.Name == m.UUID {
		return true
	}
	owner, name, _ := strings.Cut(m.Name, "/")
	return (p.Owner == "" || glob(p.Owner, owner)) && glob(p.Name, name)
}
