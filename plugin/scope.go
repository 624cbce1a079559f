package plugin

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/preflight"
)

// scope finds the controllers to work on, in order: the named ones, or all, or
// those that the model patterns name, or the current one.
func (o *options) scope(r Registry) ([]discover.Named, error) {
	known, err := r.Controllers()
	if err != nil {
		return nil, err
	}
	switch {
	case o.all:
		if len(known) == 0 {
			return nil, fleet.BadInput(`no controllers are registered: "juju register" or "juju bootstrap" one`)
		}
		return known, nil
	case len(o.controllers) > 0:
		return named(known, o.controllers)
	}
	return o.fromPatterns(r, known)
}

// fromPatterns finds the controllers that -m is about.
func (o *options) fromPatterns(r Registry, known []discover.Named) ([]discover.Named, error) {
	var out []discover.Named
	current := len(o.goal.Include) == 0
	for _, p := range o.goal.Include {
		if p.Controller == "" {
			current = true
			continue
		}
		found := false
		for _, n := range known {
			c := fleet.Controller{Ref: n.Ref, Aliases: n.Aliases}
			if p.MatchesController(&c) {
				found = true
				out = add(out, n)
			}
		}
		if !found {
			return nil, unknown(known, p.Controller)
		}
	}
	if !current {
		return out, nil
	}
	name, err := r.Current()
	if err != nil {
		return nil, err
	}
	here, err := named(known, []string{name})
	if err != nil {
		return nil, err
	}
	return add(out, here[0]), nil
}

func add(list []discover.Named, n discover.Named) []discover.Named {
	if slices.ContainsFunc(list, func(o discover.Named) bool { return o.UUID == n.UUID }) {
		return list
	}
	return append(list, n)
}

// named finds controllers by name or alias. The name that the operator typed
// is the one that is shown.
func named(known []discover.Named, names []string) ([]discover.Named, error) {
	var out []discover.Named
	for _, name := range names {
		i := slices.IndexFunc(known, func(n discover.Named) bool {
			return n.Name == name || slices.Contains(n.Aliases, name)
		})
		if i < 0 {
			return nil, unknown(known, name)
		}
		n := known[i]
		if n.Name != name {
			n.Aliases = slices.DeleteFunc(append([]string{n.Name}, n.Aliases...), func(a string) bool { return a == name })
			n.Name = name
		}
		out = add(out, n)
	}
	return out, nil
}

func unknown(known []discover.Named, name string) error {
	names := make([]string, 0, len(known))
	for _, n := range known {
		names = append(names, n.Name)
	}
	if len(names) == 0 {
		return fleet.BadInput("controller %q is not known: no controllers are registered with this client", name)
	}
	return fleet.BadInput("controller %q is not known: this client has %s (see 'juju controllers')", name, strings.Join(names, ", "))
}

// unmatched returns an error for a pattern that matches no model, or a password of
// nobody: a typing error in --exclude would upgrade what was to be left alone.
func unmatched(v view, g fleet.Goal) error {
	f := v.fleet
	for _, list := range []struct {
		option   string
		patterns []fleet.ModelPattern
	}{{"-m", g.Include}, {"--exclude", g.Exclude}, {"--canary", g.Canary}} {
		for _, p := range list.patterns {
			if err := matched(f, list.option, p); err != nil {
				return err
			}
		}
	}
	if err := unwantedCanary(f, g); err != nil {
		return err
	}
	if err := preflight.UnmatchedApps(f, g); err != nil {
		return err
	}
	return givenPasswords(&v.plan)
}

// unwantedCanary returns an error for a canary that is left out: the others would
// wait for nobody.
func unwantedCanary(f fleet.Fleet, g fleet.Goal) error {
	for i := range f.Controllers {
		c := &f.Controllers[i]
		for j := range c.Models {
			if m := &c.Models[j]; g.First(c, m) && !m.IsController && !g.Wants(c, m) {
				return fleet.BadInput("--canary names %s:%s, which is left out by -m or --exclude", c.Name, m.Name)
			}
		}
	}
	return nil
}

func matched(f fleet.Fleet, option string, p fleet.ModelPattern) error {
	own := false
	var near, unseen []string
	for i := range f.Controllers {
		c := &f.Controllers[i]
		if (c.Problem != nil || c.Upgrading != version.Zero) && p.MatchesController(c) {
			unseen = append(unseen, c.Name)
		}
		for j := range c.Models {
			m := &c.Models[j]
			switch {
			case !p.Matches(c, m):
				if ok, _ := path.Match("*"+p.Name+"*", path.Base(m.Name)); ok && !m.IsController {
					near = append(near, c.Name+":"+m.Name)
				}
			case m.IsController:
				own = true
			default:
				return nil
			}
		}
	}
	if len(unseen) > 0 {
		// It may be meant for a model that is not shown now.
		if p.Controller != "" || option == "-m" {
			return nil
		}
		return fleet.BadInput("%s %s matches no model that is shown, and %s shows none now: write %s:%s if it is meant for a model there",
			option, p, strings.Join(unseen, " and "), unseen[0], p)
	}
	switch {
	case own && option == "-m":
		return fleet.BadInput("-m %s names a controller's own model, which is upgraded with its controller: leave -m out, or use --with-controller", p)
	case own:
		return fleet.BadInput("%s %s names a controller's own model, which is upgraded with its controller: use -m to leave the controller as it is", option, p)
	}
	hint := "see 'juju models'"
	if len(near) > 0 {
		hint = "did you mean " + strings.Join(near[:min(3, len(near))], " or ") + "?"
	}
	return fleet.BadInput("%s %s matches no model: %s", option, p, hint)
}

// place says where one is looking, for the first line.
func place(names []discover.Named) string {
	if len(names) > 3 {
		return fmt.Sprintf("%d controllers", len(names))
	}
	var out []string
	for _, n := range names {
		out = append(out, n.Name)
	}
	return strings.Join(out, ", ")
}
