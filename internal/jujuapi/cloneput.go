package jujuapi

import (
	"context"
	"slices"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// putConfig sets one key: a call that has one wrong among many is refused as a whole.
func (w *Writer) putConfig(ctx context.Context, source, target fleet.Ref, item fleet.Item) error {
	config, err := w.session.configuration(ctx, source)
	if err != nil {
		return err
	}
	value, ok := config[item.Name]
	if !ok {
		return gone(item)
	}
	return w.send(ctx, target, func(c *conn) error {
		given, err := configToSend(item.Name, value, c.version)
		if err != nil {
			return &fleet.Problem{Code: fleet.Refused, Text: err.Error()}
		}
		args := params.ControllerConfigSet{Config: map[string]any{item.Name: given}}
		_, err = ask[struct{}]("Controller", "ConfigSet", args)(c)
		return err
	})
}

// putCloud adds a cloud as it is. Juju wants to be forced to take a cloud of a type that
// does not go with its own; whether that is wanted there, too, is for people to say.
func (w *Writer) putCloud(ctx context.Context, source, target fleet.Ref, item fleet.Item) error {
	clouds, err := w.session.allClouds(ctx, source)
	if err != nil {
		return err
	}
	cloud, ok := clouds[item.Name]
	if !ok {
		return gone(item)
	}
	cloud.IsControllerCloud = false
	return w.send(ctx, target, func(c *conn) error {
		cloud.Type = cloudType(cloud.Type, c.version.Major)
		_, err := ask[struct{}]("Cloud", "AddCloud", params.AddCloudArgs{Name: item.Name, Cloud: cloud})(c)
		if code, _ := codeOf(err); code == params.CodeIncompatibleClouds {
			return &fleet.Problem{
				Code:   fleet.Refused,
				Text:   text(err),
				Remedy: "juju add-cloud " + item.Name + " --controller " + target.Name + " --force",
			}
		}
		return err
	})
}

// putAccess lets a user use a cloud.
func (w *Writer) putAccess(ctx context.Context, source, target fleet.Ref, item fleet.Item) error {
	if err := w.hasPlace(ctx, target, item.Name, ""); err != nil {
		return err
	}
	here, err := w.session.holding(ctx, source, item)
	if err != nil {
		return err
	}
	if here == nil {
		return gone(item)
	}
	if !names.IsValidUser(item.User) || !names.IsValidCloud(item.Name) {
		return &fleet.Problem{Code: fleet.Refused, Text: "that is no name of a user or of a cloud"}
	}
	args := params.ModifyCloudAccessRequest{Changes: []params.ModifyCloudAccess{{
		UserTag:  names.NewUserTag(item.User).String(),
		CloudTag: names.NewCloudTag(item.Name).String(),
		Action:   params.GrantCloudAccess,
		Access:   here.Access,
	}}}
	return w.forOne(ctx, target, "Cloud", "ModifyCloudAccess", args)
}

// putDefault sets a default of new models. Juju 4 takes any key, known to it or not.
func (w *Writer) putDefault(ctx context.Context, source, target fleet.Ref, item fleet.Item) error {
	if err := w.hasPlace(ctx, target, item.Cloud, item.Region); err != nil {
		return err
	}
	defaults, err := w.session.modelDefaults(ctx, source, []string{item.Cloud})
	if err != nil {
		return err
	}
	here := defaults[item.Cloud][item.Name]
	value := defaultOf(here, item.Region)
	if value == nil {
		return gone(item)
	}
	defaults, err = w.session.modelDefaults(ctx, target, []string{item.Cloud})
	if err != nil {
		return err
	}
	if there := defaults[item.Cloud][item.Name]; here.Default != nil && there.Default == nil {
		return &fleet.Problem{Code: fleet.Refused, Text: "its version of Juju does not know " + item.Name}
	}
	args := params.SetModelDefaults{Config: []params.ModelDefaultValues{{
		CloudTag:    names.NewCloudTag(item.Cloud).String(),
		CloudRegion: item.Region,
		Config:      map[string]any{item.Name: defaultToSend(item.Name, value)},
	}}}
	return withoutValues(w.forOne(ctx, target, "ModelManager", "SetModelDefaults", args), value)
}

// hasPlace says no where something would hold nowhere: 3.x accepts a default for a cloud
// or a region that it does not have, and 4.x access to such a cloud; it is never seen
// again.
func (w *Writer) hasPlace(ctx context.Context, controller fleet.Ref, cloudName, region string) error {
	clouds, err := w.session.allClouds(ctx, controller)
	if err != nil {
		return err
	}
	cloud, ok := clouds[cloudName]
	if !ok {
		return &fleet.Problem{Code: fleet.NotFound, Text: "it has no cloud " + cloudName}
	}
	has := func(r params.CloudRegion) bool { return r.Name == region }
	if region != "" && !slices.ContainsFunc(cloud.Regions, has) {
		return &fleet.Problem{Code: fleet.NotFound, Text: "its cloud " + cloudName + " has no region " + region}
	}
	return nil
}

// defaultOf is the default of a region, or of the whole cloud; nil when there is none.
func defaultOf(d params.ModelDefaults, region string) any {
	if region == "" {
		return d.Controller
	}
	for _, r := range d.Regions {
		if r.RegionName == region {
			return r.Value
		}
	}
	return nil
}

// putBackend adds a secret backend under the ID that models name it by, with the token
// that the source has now. The server tries it, and refuses one that is not good.
func (w *Writer) putBackend(ctx context.Context, source, target fleet.Ref, item fleet.Item) error {
	list, err := w.session.backends(ctx, source, true)
	if err != nil {
		return err
	}
	for _, b := range list {
		if b.ID != item.ID || b.Result.Name != item.Name {
			continue
		}
		if b.Error != nil && len(b.Result.Config) == 0 {
			return told(b.Error)
		}
		args := params.AddSecretBackendArgs{Args: []params.AddSecretBackendArg{{ID: b.ID, SecretBackend: b.Result}}}
		var secrets []any
		for _, v := range b.Result.Config {
			secrets = append(secrets, v)
		}
		return withoutValues(w.forOne(ctx, target, backendsFacade, "AddSecretBackends", args), secrets...)
	}
	return gone(item)
}

// send makes a call that is answered with nothing or an error. Who answers without a
// code has looked at it and says no.
func (w *Writer) send(ctx context.Context, controller fleet.Ref, call func(*conn) error) error {
	_, err := write(ctx, w.session, key{controller: controller}, func(c *conn) (struct{}, error) {
		err := call(c)
		if code, answered := codeOf(err); answered && code == "" {
			err = &fleet.Problem{Code: fleet.Refused, Text: text(err)}
		}
		return struct{}{}, err
	})
	return err
}
