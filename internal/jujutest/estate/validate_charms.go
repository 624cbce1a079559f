package estate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

var (
	charmName   = regexp.MustCompile(`^[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*$`)
	channelName = regexp.MustCompile(`^(?:[a-zA-Z0-9.-]+/)?(?:stable|candidate|beta|edge)(?:/[a-zA-Z0-9.-]+)?$|^[a-zA-Z0-9.-]+$`)
)

// decodeKnown decodes a mapping. A decoder that is started within another forgets that
// keys must be known.
func decodeKnown(node *yaml.Node, into any, known ...string) error {
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		if key := node.Content[i]; !slices.Contains(known, key.Value) {
			return fmt.Errorf("line %d: unknown key %q: want one of %s", key.Line, key.Value, strings.Join(known, ", "))
		}
	}
	return node.Decode(into)
}

// Validate says what is wrong with the store.
func (h Charmhub) Validate() error {
	var v validator
	v.charmhub(h)
	return v.err()
}

func (v *validator) charmhub(h Charmhub) {
	seen := map[string]bool{}
	for i, c := range h.Charms {
		p := []any{"charmhub", "charms", i}
		if !charmName.MatchString(c.Name) {
			v.fail(at(p, "name"), "%q is not a charm's name", c.Name)
		}
		if seen[c.Name] {
			v.fail(at(p, "name"), "charm %q is there twice", c.Name)
		}
		seen[c.Name] = true
		v.charmContent(p, c.Bases, c.Resources)
		numbers := map[int]bool{}
		for j, r := range c.Revisions {
			q := at(p, "revisions", j)
			v.count(at(q, "revision"), r.Revision)
			if numbers[r.Revision] {
				v.fail(q, "charm %q has revision %d twice", c.Name, r.Revision)
			}
			numbers[r.Revision] = true
			v.charmContent(q, r.Bases, r.Resources)
			v.refresh(at(q, "refresh"), r.Refresh)
		}
		for _, channel := range slices.Sorted(maps.Keys(c.Channels)) {
			q := at(p, "channels", channel)
			if !channelName.MatchString(channel) {
				v.fail(q, "%q is not a channel, such as 14/stable", channel)
			}
			v.count(q, c.Channels[channel].Revision)
			for name, revision := range c.Channels[channel].Resources {
				if !c.hasResource(name) {
					v.fail(at(q, "resources", name), "charm %q has no resource %q", c.Name, name)
				}
				v.count(at(q, "resources", name), revision)
			}
		}
	}
}

// hasResource says whether any revision has a resource of that name.
func (c Charm) hasResource(name string) bool {
	return c.Resources[name] != "" ||
		slices.ContainsFunc(c.Revisions, func(r CharmRevision) bool { return r.Resources[name] != "" })
}

func (v *validator) charmContent(path []any, bases []string, resources map[string]string) {
	for i, base := range bases {
		v.base(at(path, "bases", i), base)
	}
	for _, name := range slices.Sorted(maps.Keys(resources)) {
		v.choice(at(path, "resources", name), resources[name], "file", "oci-image")
		if resources[name] == "" {
			v.fail(at(path, "resources", name), "resource %q has no type", name)
		}
	}
}

func (v *validator) refresh(path []any, r Refresh) {
	v.choice(at(path, "kind"), r.Kind, RefreshSettles, FaultUpgradeHook, FaultUpgradePauses, FaultUpgradeSticks)
	if r.Takes < 0 {
		v.fail(at(path, "takes"), "a time is negative")
	}
}

// charmOf checks what is said of an application's charm.
func (v *validator) charmOf(path []any, app Application) {
	if app.Channel != "" && !channelName.MatchString(app.Channel) {
		v.fail(at(path, "channel"), "%q is not a channel, such as 14/stable", app.Channel)
	}
	v.base(at(path, "base"), app.Base)
	v.refresh(at(path, "refresh"), app.Refresh)
	if app.Subordinate && (app.Units > 0 || len(app.Subordinates) > 0) {
		v.fail(path, "application %q is subordinate: its units are those of others", app.Name)
	}
}
