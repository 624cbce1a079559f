package preflight

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// cloneDiffers names what is different, and says what is in it only where it is the
// controller's configuration or the access of users.
func cloneDiffers(v view) []say {
	users, fix := v.usersThatDiffer()
	items, set := v.itemsThatDiffer()
	fix = append(fix, set...)
	all := slices.Concat(users, items)
	if len(all) == 0 {
		return nil
	}
	s := say{
		meaning:  v.there.controller.Name + " has these too, and not the same; they are left as they are there: " + most(all),
		fix:      fix[:min(len(fix), shown)],
		severity: fleet.Notice,
	}
	if v.there.controller.Planned {
		s.fix = v.later(s.fix)
		return one(s)
	}
	if len(users) > 0 {
		s.severity = fleet.Warning
		s.see = append(s.see, "juju users -c "+v.c.Name+" --all", "juju users -c "+v.there.controller.Name+" --all")
	}
	if len(set) > 0 {
		s.see = append(s.see, "juju controller-config -c "+v.there.controller.Name)
	}
	return one(s)
}

// later marks commands for a controller that does not exist yet.
func (v view) later(fix []string) []string {
	if !v.there.controller.Planned {
		return fix
	}
	var out []string
	for _, c := range fix {
		if strings.Contains(c, "   # ") {
			c += ", after the run"
		} else {
			c += "   # after the run"
		}
		out = append(out, c)
	}
	return out
}

// usersThatDiffer tells how, and the commands that would make them the same.
func (v view) usersThatDiffer() (said, fix []string) {
	to := " -c " + v.there.controller.Name + " "
	for _, u := range v.people() {
		there := v.there.controller.Holdings.User(u.Name)
		if there == nil || u.Name == v.there.controller.User {
			continue // the run needs what its own user may do there
		}
		here, over := cmp.Or(u.Access, fleet.AccessLogin), cmp.Or(there.Access, fleet.AccessLogin)
		if here != over {
			said = append(said, fmt.Sprintf("user %s (%s here, %s there)", u.Name, here, over))
			if here == fleet.AccessSuperuser {
				fix = append(fix, "juju grant"+to+u.Name+" "+here)
			} else {
				fix = append(fix, "juju revoke"+to+u.Name+" "+over)
			}
		}
		switch {
		case u.Disabled && !there.Disabled:
			said, fix = append(said, "user "+u.Name+" (disabled here, not there)"), append(fix, "juju disable-user"+to+u.Name)
		case !u.Disabled && there.Disabled:
			said, fix = append(said, "user "+u.Name+" (disabled there, not here)"), append(fix, "juju enable-user"+to+u.Name)
		}
	}
	return said, fix
}

func (v view) itemsThatDiffer() (said, set []string) {
	for _, h := range byPath(v.c.Holdings.Items) {
		if !rules.Differs(v.there.controller, h) {
			continue
		}
		text := h.Path()
		if there := v.there.controller.Holdings.Holding(h.Item); h.Kind == fleet.ConfigItem && !h.Untold && !there.Untold {
			text += fmt.Sprintf(" (%s here, %s there)", cut(h.Value), cut(there.Value))
			set = append(set, "juju controller-config -c "+v.there.controller.Name+" "+h.Name+"="+quote(h.Value))
		}
		said = append(said, text)
	}
	return said, set
}

func byPath(items []fleet.Holding) []fleet.Holding {
	out := slices.Clone(items)
	slices.SortFunc(out, func(a, b fleet.Holding) int { return fleet.CompareNatural(a.Path(), b.Path()) })
	return out
}

// widest is how much of a value is told.
const widest = 60

func cut(value string) string {
	value = oneLine(value)
	if runes := []rune(value); len(runes) > widest {
		return string(runes[:widest]) + "…"
	}
	return cmp.Or(value, `""`)
}

// quote quotes a value for a shell where that is needed.
func quote(value string) string {
	if value != "" && !strings.ContainsFunc(value, func(r rune) bool {
		return !strings.ContainsRune("-_.,:/@%+=", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// keptWords name what stays behind. What is in a model default may be a secret.
func keptWords(h fleet.Holding) string {
	switch {
	case h.Kind == fleet.ModelDefaultItem:
		return h.Path()
	case h.Untold:
		return h.Name
	}
	return h.Name + "=" + cut(h.Value)
}

// keyValue is what sets a key of the configuration, as words of a command; in a file
// where nobody should see what it is set to.
func keyValue(h fleet.Holding, file string) string {
	if h.Untold {
		return file + "FILE   # with " + h.Name + ": what is right there"
	}
	return h.Name + "=VALUE   # what is right there"
}

// configNotCloned tells of keys that somebody has chosen, by why they stay behind.
func configNotCloned(v view) []say {
	target := v.there.controller
	kept := map[rules.Behind][]string{}
	before := v.spacesForServers() // ha-space-unset tells of them
	var fix []string
	for _, h := range byPath(v.c.Holdings.Items) {
		why := rules.LeftBehind(target, h)
		if why == rules.ComesAlong || v.setAtBootstrap(h.Name) || slices.Contains(before, h.Name) {
			continue
		}
		kept[why] = append(kept[why], keptWords(h))
		switch {
		case why == rules.InSight:
			fix = append(fix, v.replan(" --bootstrap-arg --config=FILE   # with "+h.Name+" in it"))
		case why != rules.ItsOwn:
		case rules.SettableConfig(target.Version, h.Name):
			fix = append(fix, v.later([]string{"juju controller-config -c " + target.Name + " " + keyValue(h, "--file ")})...)
		case target.Planned:
			fix = append(fix, v.replan(" --bootstrap-arg --config="+keyValue(h, "")))
		}
	}
	var parts []string
	for _, why := range []struct {
		rules.Behind
		text string
	}{
		{rules.ItsOwn, "is about this controller and would be wrong there"},
		{rules.AtBootstrapOnly, "can only be set when a controller is made"},
		{rules.InSight, "can only be set when a controller is made, by an argument that others see, and may have a secret in it"},
		{rules.UnknownThere, fmt.Sprintf("is nothing that Juju %d.%d has", target.Version.Major, target.Version.Minor)},
	} {
		if keys := kept[why.Behind]; len(keys) > 0 {
			parts = append(parts, most(keys)+" "+why.text)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return one(say{
		meaning: "of its configuration, this stays behind: " + strings.Join(parts, "; "),
		see:     []string{"juju controller-config -c " + v.c.Name},
		fix:     fix[:min(len(fix), shown)],
	})
}
