package jujuapi

import (
	"context"
	"strings"

	"github.com/juju/errors"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Clone implements execute.Cloner. What the target has, but for what it has as Juju
// makes it, is looked for before anything is sent: some of Juju's calls would overwrite
// it.
func (w *Writer) Clone(ctx context.Context, source, target fleet.Ref, item fleet.Item) error {
	err := w.clone(ctx, source, target, item)
	return errors.Annotatef(err, "cannot give controller %s %s of controller %s", target.Name, item.Path(), source.Name)
}

func (w *Writer) clone(ctx context.Context, source, target fleet.Ref, item fleet.Item) error {
	there, err := w.session.holding(ctx, target, item)
	if err != nil {
		return err
	}
	if there != nil && !there.Preset {
		return exists(item)
	}
	err = w.put(ctx, source, target, item)
	switch {
	case fleet.CodeOf(err) == fleet.UpToDate:
		// What Juju has this code for elsewhere, too: there is one already.
		return exists(item)
	case undecided(err):
		// Juju has no code for most refusals: looking tells whether there is one now.
		if there, broken := w.session.holding(ctx, target, item); broken == nil && there != nil && !there.Preset {
			return exists(item)
		}
	}
	return err
}

// put gives the target what the source has now.
func (w *Writer) put(ctx context.Context, source, target fleet.Ref, item fleet.Item) error {
	switch item.Kind {
	case fleet.CloudItem:
		return w.putCloud(ctx, source, target, item)
	case fleet.CloudAccessItem:
		return w.putAccess(ctx, source, target, item)
	case fleet.ConfigItem:
		return w.putConfig(ctx, source, target, item)
	case fleet.ModelDefaultItem:
		return w.putDefault(ctx, source, target, item)
	case fleet.BackendItem:
		return w.putBackend(ctx, source, target, item)
	}
	return errors.NotSupportedf("item of kind %q", item.Kind)
}

func exists(item fleet.Item) error {
	return &fleet.Problem{Code: fleet.Exists, Text: "it has " + item.Path() + " already"}
}

// gone says that the source does not have an item any more.
func gone(item fleet.Item) error {
	return &fleet.Problem{Code: fleet.NotFound, Text: "there is no " + item.Path() + " there any more"}
}

// withoutValues removes from what a server says the values that were sent to it, should
// it repeat them.
func withoutValues(err error, values ...any) error {
	var p *fleet.Problem
	if !errors.As(err, &p) {
		return err
	}
	said := p.Text
	for _, v := range values {
		if text := textOf(v); len(text) >= shortest {
			said = strings.ReplaceAll(said, text, "(value)")
		}
	}
	if said == p.Text {
		return err
	}
	return &fleet.Problem{Code: p.Code, Text: said, Remedy: p.Remedy}
}

// shortest is the length of a text that could be a secret.
const shortest = 4
