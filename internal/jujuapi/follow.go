package jujuapi

import (
	"context"
	"slices"
	"strings"

	"github.com/juju/errors"
	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Knows implements execute.ClientStore.
func (w *Writer) Knows(source, target fleet.Ref, moved []fleet.Model) (bool, error) {
	changed, err := w.session.cfg.Store.wouldFollow(following{source, target, moved})
	return !changed, errors.Annotatef(err, "cannot tell what this client knows of controller %s", target.Name)
}

// Follow implements execute.ClientStore. Of a client that points to source, it is
// where its current model is that counts: while that stays there, so does the client.
func (w *Writer) Follow(ctx context.Context, source, target fleet.Ref, moved []fleet.Model) error {
	err := w.session.cfg.Store.follow(ctx, following{source, target, moved})
	return errors.Annotatef(err, "cannot have this client find on %s what has moved there", target.Name)
}

// following is what a client store has to be told. It is worked out on the documents
// themselves (controllers.yaml and models.yaml), so that what this tool does not know
// of stays in them.
type following struct {
	source, target fleet.Ref
	moved          []fleet.Model
}

// into changes both documents. Done again, it changes nothing more, also when only
// the models were written.
func (f following) into(registry, models *yaml.Node) error {
	if len(f.moved) == 0 {
		return nil
	}
	sources, targets := namesOf(registry, f.source), namesOf(registry, f.target)
	if len(targets) == 0 {
		return &fleet.Problem{Code: fleet.NotFound, Text: "this client's registry has no controller " + f.target.Name + " any more"}
	}
	pointed := make(map[string]string)     // what each name of source pointed to
	entries := make(map[string]*yaml.Node) // what was known of the models there
	for _, name := range sources {
		pointed[name] = f.leave(value(value(models, "controllers"), name), entries)
	}
	for _, name := range targets {
		f.enter(ensure(ensure(models, "controllers"), name), entries)
	}
	current := value(registry, "current-controller")
	there := ensure(ensure(models, "controllers"), targets[0])
	if current != nil && slices.Contains(sources, current.Value) && f.goes(value(value(models, "controllers"), current.Value)) {
		setText(there, "current-model", pointed[current.Value])
		if value(there, "current-model") == nil {
			setText(there, "current-model", f.first())
		}
		setText(registry, "current-controller", targets[0])
		return nil
	}
	// Whoever switches to target later finds the model that was current on source.
	for _, name := range sources {
		if value(there, "current-model") == nil {
			setText(there, "current-model", pointed[name])
		}
	}
	return nil
}

// namesOf are the registry's names of a controller, the one it is known by first.
func namesOf(registry *yaml.Node, controller fleet.Ref) []string {
	var out []string
	eachEntry(value(registry, "controllers"), func(name string, entry *yaml.Node) {
		if scalar(value(entry, "uuid")) == controller.UUID {
			out = append(out, name)
		}
	})
	slices.Sort(out)
	if i := slices.Index(out, controller.Name); i > 0 {
		copy(out[1:i+1], out[:i])
		out[0] = controller.Name
	}
	return out
}

// leave takes the models that have moved out of what is known of a controller, into
// entries, and returns the name of the one that was current, if it was one of them.
func (f following) leave(controller *yaml.Node, entries map[string]*yaml.Node) (current string) {
	known := value(controller, "models")
	named := scalar(value(controller, "current-model"))
	for _, m := range f.moved {
		eachEntry(known, func(name string, entry *yaml.Node) {
			if scalar(value(entry, "uuid")) != m.UUID {
				return
			}
			entries[m.UUID] = entry
			if name == named {
				current = m.Name
			}
		})
		unset(known, func(_ string, entry *yaml.Node) bool { return scalar(value(entry, "uuid")) == m.UUID })
		if named == m.Name && value(known, named) == nil {
			current = m.Name // it was not in the list, which is a cache
		}
	}
	if current != "" {
		unset(controller, func(key string, _ *yaml.Node) bool { return key == "current-model" })
	}
	return current
}

// enter adds the models that have moved to what is known of a controller.
func (f following) enter(controller *yaml.Node, entries map[string]*yaml.Node) {
	known := ensure(controller, "models")
	for _, m := range f.moved {
		entry := ensure(known, m.Name)
		if scalar(value(entry, "uuid")) == m.UUID {
			continue
		}
		*entry = yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		if known := entries[m.UUID]; known != nil {
			entry.Content = slices.Clone(known.Content)
		}
		setText(entry, "uuid", m.UUID)
		setText(entry, "type", string(m.Type))
	}
}

// goes says that nothing holds the client where it is: it has no current model there
// (any more), or knows of none there but the controller's own.
func (f following) goes(controller *yaml.Node) bool {
	if value(controller, "current-model") == nil {
		return true
	}
	left := false
	eachEntry(value(controller, "models"), func(name string, _ *yaml.Node) {
		left = left || !strings.HasSuffix(name, "/controller")
	})
	return !left
}

// first is the first of the models by name.
func (f following) first() string {
	names := make([]string, 0, len(f.moved))
	for _, m := range f.moved {
		names = append(names, m.Name)
	}
	return slices.MinFunc(names, fleet.CompareNatural)
}
