package preflight

import (
	"path"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// UnmatchedApps returns an error for a pattern of applications that is meant for none
// that may be refreshed: bad input, because a typing error in --exclude-app would
// refresh what was to be left alone. A pattern may be meant for an application that is
// not shown now, where it names the place.
func UnmatchedApps(f fleet.Fleet, g fleet.Goal) error {
	if !g.Refreshes() {
		return nil
	}
	var files []fleet.AppPattern
	for _, file := range g.CharmFiles {
		files = append(files, file.App)
	}
	for _, list := range []struct {
		option   string
		patterns []fleet.AppPattern
		// wants says that what matches has to be in the goal as well.
		wants bool
	}{{"--app", g.Apps, true}, {"--charm-path", files, true}, {"--exclude-app", g.ExcludeApps, false}, {"--charm-order", g.CharmOrder, false}} {
		for _, p := range list.patterns {
			if err := lookFor(f, p).err(g, list.option, p, list.wants); err != nil {
				return err
			}
		}
	}
	return nil
}

// search is what was found of a pattern of applications.
type search struct {
	// found are the applications that match, in views without a goal.
	found []view
	// near are those that look like it; unseen is where there may be more.
	near, unseen []string
}

func lookFor(f fleet.Fleet, p fleet.AppPattern) search {
	var out search
	for i := range f.Controllers {
		c := &f.Controllers[i]
		if (c.Problem != nil || c.Upgrading != version.Zero) && (p.Model == nil || p.Model.MatchesController(c)) {
			out.unseen = append(out.unseen, c.Name)
		}
		for j := range c.Models {
			at := view{fleet: &f, c: c, m: &c.Models[j]}
			here := p.Model == nil || p.Model.Matches(c, at.m)
			if here && at.m.Problem != nil {
				out.unseen = append(out.unseen, at.here())
			}
			for k := range at.m.Status.Applications {
				a := at.of(&at.m.Status.Applications[k])
				if p.Matches(c, at.m, a.app.Name) {
					out.found = append(out.found, a)
				} else if ok, _ := path.Match("*"+p.App+"*", a.app.Name); ok || !here && p.App == a.app.Name {
					out.near = append(out.near, a.appPath())
				}
			}
		}
	}
	return out
}

// err is what is wrong with a pattern that has found that.
func (s search) err(g fleet.Goal, option string, p fleet.AppPattern, wants bool) error {
	open := slices.DeleteFunc(slices.Clone(s.found), func(a view) bool {
		return a.m.IsController && a.app.Name != fleet.ControllerApplication
	})
	switch {
	case len(open) > 0 && wants && !slices.ContainsFunc(open, func(a view) bool { return g.WantsApp(a.c, a.m, a.app.Name) }):
		return fleet.BadInput("%s %s names %s, which is left out by -m, --exclude or --exclude-app", option, p, open[0].appPath())
	case len(open) > 0 || len(s.unseen) > 0 && (wants || p.Model != nil):
		return nil
	case len(s.found) > 0:
		return fleet.BadInput("%s %s names an application in a controller's own model, of which only %q is refreshed", option, p, fleet.ControllerApplication)
	case len(s.unseen) > 0:
		return fleet.BadInput("%s %s matches no application that is shown, and %s shows none now: write MODEL.%s if it is meant for one there",
			option, p, strings.Join(s.unseen, " and "), p)
	}
	hint := "see 'juju status'"
	if near := natural(s.near); len(near) > 0 {
		hint = "did you mean " + strings.Join(near[:min(shown, len(near))], " or ") + "?"
	}
	return fleet.BadInput("%s %s matches no application: %s", option, p, hint)
}
