package jujuapi

import (
	"context"

	"github.com/juju/errors"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// itemsOf reads a controller's items of one kind, those of clouds for these clouds.
func (s *Session) itemsOf(ctx context.Context, controller fleet.Ref, kind fleet.ItemKind, clouds []string) ([]fleet.Holding, error) {
	switch kind {
	case fleet.CloudItem:
		found, err := s.allClouds(ctx, controller)
		return s.cloudItems(found), err
	case fleet.CloudAccessItem:
		found, err := s.cloudUsers(ctx, controller, clouds)
		return s.accessItems(found), err
	case fleet.ConfigItem:
		found, err := s.configuration(ctx, controller)
		return s.configItems(found), err
	case fleet.ModelDefaultItem:
		found, err := s.modelDefaults(ctx, controller, clouds)
		return s.defaultItems(found), err
	case fleet.BackendItem:
		found, err := s.backends(ctx, controller, false)
		return s.backendItems(found), err
	}
	return nil, errors.NotSupportedf("item of kind %q", kind)
}

// holding looks an item up on a controller; nil when it has none such.
func (s *Session) holding(ctx context.Context, controller fleet.Ref, item fleet.Item) (*fleet.Holding, error) {
	clouds := []string{item.Cloud}
	if item.Kind == fleet.CloudAccessItem {
		clouds = []string{item.Name}
	}
	items, err := s.itemsOf(ctx, controller, item.Kind, clouds)
	if err != nil {
		return nil, err
	}
	found := fleet.Holdings{Items: items}
	return found.Holding(item), nil
}

// Compare implements execute.Comparer.
func (r *Reader) Compare(ctx context.Context, source, target fleet.Ref, item fleet.Item) (fleet.Likeness, error) {
	here, err := r.session.holding(ctx, source, item)
	if err != nil {
		return fleet.Lacking, errors.Annotatef(err, "cannot read %s of controller %s", item.Path(), source.Name)
	}
	there, err := r.session.holding(ctx, target, item)
	if err != nil {
		return fleet.Lacking, errors.Annotatef(err, "cannot read %s of controller %s", item.Path(), target.Name)
	}
	return likeness(here, there), nil
}

// likeness is how what one controller has is next to what another one has. A value
// that the other one does not tell is the default.
func likeness(here, there *fleet.Holding) fleet.Likeness {
	switch {
	case here == nil:
		return fleet.Forgotten
	case there == nil:
		if here.Kind == fleet.ConfigItem && here.Preset {
			return fleet.Same
		}
		return fleet.Lacking
	case here.Digest == there.Digest:
		return fleet.Same
	case there.Preset:
		return fleet.Lacking
	}
	return fleet.Different
}
