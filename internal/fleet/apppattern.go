package fleet

import (
	"fmt"
	"path"
	"strings"
)

// AppPattern is [[CTRL:][OWNER/]MODEL.]APP, each part a glob: as Juju writes what is in
// a model ("admin/web.tiny").
type AppPattern struct {
	// Model is where the application is; nil for any model.
	Model *ModelPattern `json:"model,omitempty"`
	App   string        `json:"app"`
}

// ParseAppPattern reads the notation of --app, --exclude-app and --charm-order.
func ParseAppPattern(s string) (AppPattern, error) {
	var p AppPattern
	p.App = s
	if i := strings.LastIndex(s, "."); i >= 0 {
		model, err := ParseModelPattern(s[:i])
		if err != nil {
			return p, fmt.Errorf("application pattern %q: %v", s, err)
		}
		p.Model, p.App = &model, s[i+1:]
	}
	if p.App == "" || strings.ContainsAny(p.App, "/:") {
		return p, fmt.Errorf("application pattern %q is not [[CONTROLLER:][OWNER/]MODEL.]APPLICATION", s)
	}
	if _, err := path.Match(p.App, ""); err != nil {
		return p, fmt.Errorf("application pattern %q: %q is not a pattern: %v", s, p.App, err)
	}
	return p, nil
}

// String is the notation that ParseAppPattern reads.
func (p AppPattern) String() string {
	if p.Model == nil {
		return p.App
	}
	return p.Model.String() + "." + p.App
}

// Literal says that the application is named, and not matched by a glob.
func (p AppPattern) Literal() bool { return !strings.ContainsAny(p.App, `*?[\`) }

// Matches says whether the pattern is meant for the application.
func (p AppPattern) Matches(c *Controller, m *Model, app string) bool {
	return (p.Model == nil || p.Model.Matches(c, m)) && glob(p.App, app)
}

// CharmMode says whether applications are refreshed.
type CharmMode string

// The modes of --charms and --charms-only; the zero value refreshes none.
const (
	CharmsAlso CharmMode = "also"
	CharmsOnly CharmMode = "only"
)

// CharmFile is a charm's archive on this machine, for applications that it is to be
// given to.
type CharmFile struct {
	App  AppPattern `json:"app"`
	File string     `json:"file"`
	// Charm is the name in its metadata; SHA256 is of the file.
	Charm  string `json:"charm"`
	SHA256 string `json:"sha256"`
}

// Refreshes says that applications are to be refreshed.
func (g Goal) Refreshes() bool { return g.Charms != "" }

// UpgradesAgents says that agents are to be upgraded, or models to be moved: that it is
// not charms alone.
func (g Goal) UpgradesAgents() bool { return g.Charms != CharmsOnly }

// ControllerApplication is the name of the application that a controller itself is, in
// its own model.
const ControllerApplication = "controller"

// WantsApp says whether the application is in the goal, by its names. Of a
// controller's own model that is the controller's application alone, and not where
// models leave that controller.
func (g Goal) WantsApp(c *Controller, m *Model, app string) bool {
	if !g.Refreshes() {
		return false
	}
	if m.IsController {
		if app != ControllerApplication || g.Moves() || len(g.Include) > 0 && !g.WithController {
			return false
		}
	} else if !g.Wants(c, m) {
		return false
	}
	for _, p := range g.ExcludeApps {
		if p.Matches(c, m, app) {
			return false
		}
	}
	if g.FileFor(c, m, app) != nil {
		return true
	}
	if len(g.Apps) == 0 {
		return true
	}
	for _, p := range g.Apps {
		if p.Matches(c, m, app) {
			return true
		}
	}
	return false
}

// NamesApp says that the operator has named the application, and not matched it by a
// glob: what is left alone by itself is refreshed then.
func (g Goal) NamesApp(c *Controller, m *Model, app string) bool {
	for _, p := range g.Apps {
		if p.Literal() && p.Matches(c, m, app) {
			return true
		}
	}
	return g.FileFor(c, m, app) != nil
}

// FileFor is the charm's archive that the application is to be given; nil when there is
// none.
func (g Goal) FileFor(c *Controller, m *Model, app string) *CharmFile {
	for i := range g.CharmFiles {
		if g.CharmFiles[i].App.Matches(c, m, app) {
			return &g.CharmFiles[i]
		}
	}
	return nil
}
