package jujutest

import (
	"cmp"
	"maps"
	"slices"

	"github.com/juju/juju/rpc/params"
)

// cloud is a cloud of a controller.
type cloud struct {
	name string
	// shown is what Juju tells of it; not whether it is the controller's own.
	shown params.Cloud
	users []cloudUser // in the order in which they came
	// defaults are what new models on it are configured with, regional what those in one of its
	// regions are, also in regions that it does not have: Juju 3 takes those as well.
	defaults map[string]any
	regional map[string]map[string]any
}

// cloudUser is a user with access to a cloud.
type cloudUser struct{ name, access string }

// newCloud makes a cloud that somebody administers.
func newCloud(name, owner string, shown params.Cloud) *cloud {
	shown.Config, shown.RegionConfig, shown.IsControllerCloud = nil, nil, false
	shown.HostCloudRegion = "" // it is forgotten, as in Juju
	return &cloud{
		name: name, shown: shown, users: []cloudUser{{owner, "admin"}},
		defaults: map[string]any{}, regional: map[string]map[string]any{},
	}
}

// addClouds makes the clouds that a controller has from the start.
func (w *World) addClouds(c *controller) error {
	for _, spec := range c.spec.AllClouds() {
		shown := params.Cloud{Type: spec.Type, AuthTypes: spec.AuthTypes, Endpoint: spec.Endpoint, CACertificates: spec.CACerts}
		switch {
		case len(shown.AuthTypes) > 0:
		case spec.OnKubernetes():
			shown.AuthTypes = []string{"clientcertificate", "oauth2", "userpass"}
		default:
			shown.AuthTypes = []string{"empty", "userpass"}
		}
		for _, r := range spec.Regions {
			shown.Regions = append(shown.Regions, params.CloudRegion{Name: r.Name, Endpoint: r.Endpoint})
		}
		made := newCloud(spec.Name, c.user.name, shown)
		for _, u := range spec.Users {
			w.ensureUser(c, u.Name)
			made.grant(u.Name, cmp.Or(u.Access, "add-model"))
		}
		c.clouds = append(c.clouds, made)
	}
	for place, values := range c.spec.ModelDefaults {
		if err := c.presetDefaults(place, values); err != nil {
			return err
		}
	}
	return nil
}

// defaultsOf are the defaults of a cloud, or of one of its regions; they are made if there are none.
func (cl *cloud) defaultsOf(region string) map[string]any {
	if region == "" {
		return cl.defaults
	}
	if cl.regional[region] == nil {
		cl.regional[region] = map[string]any{}
	}
	return cl.regional[region]
}

// hasRegion says whether the cloud has a region of that name.
func (cl *cloud) hasRegion(name string) bool { return slices.Contains(cl.regions(), name) }

func (cl *cloud) regions() []string {
	var list []string
	for _, r := range cl.shown.Regions {
		list = append(list, r.Name)
	}
	return list
}

// access is what a user may do with the cloud: "", add-model or admin.
func (cl *cloud) access(user string) string {
	for _, u := range cl.users {
		if u.name == user {
			return u.access
		}
	}
	return ""
}

// grant gives a user access; "" takes it away.
func (cl *cloud) grant(user, access string) {
	i := slices.IndexFunc(cl.users, func(u cloudUser) bool { return u.name == user })
	switch {
	case i < 0 && access != "":
		cl.users = append(cl.users, cloudUser{user, access})
	case i >= 0 && access != "":
		cl.users[i].access = access
	case i >= 0:
		cl.users = slices.Delete(cl.users, i, i+1)
	}
}

// params is the cloud as Juju tells it.
func (c *controller) cloudParams(cl *cloud) params.Cloud {
	out := cl.shown
	out.IsControllerCloud = cl.name == c.cloud()
	return out
}

func (c *controller) cloudNamed(name string) *cloud {
	for _, cl := range c.clouds {
		if cl.name == name {
			return cl
		}
	}
	return nil
}

// clone is a copy that shares nothing.
func (cl *cloud) clone() *cloud {
	out := *cl
	out.users = slices.Clone(cl.users)
	out.defaults = maps.Clone(cl.defaults)
	out.regional = map[string]map[string]any{}
	for region, values := range cl.regional {
		out.regional[region] = maps.Clone(values)
	}
	return &out
}

// Cloud is a cloud of a controller, as it truly is.
type Cloud struct {
	Name, Type, Endpoint string
	Regions, CACerts     []string
	// Users are what users may, by name.
	Users map[string]string
	// Defaults are what new models are configured with, by "" or the region, and key.
	Defaults map[string]map[string]any
}

// Clouds are the clouds of a controller, its own one first.
func (w *World) Clouds(controllerName string) ([]Cloud, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.controller(controllerName)
	if err != nil {
		return nil, err
	}
	var list []Cloud
	for _, cl := range c.clouds {
		out := Cloud{
			Name: cl.name, Type: cl.shown.Type, Endpoint: cl.shown.Endpoint, Regions: cl.regions(), CACerts: cl.shown.CACertificates,
			Users: map[string]string{}, Defaults: cl.clone().regional,
		}
		out.Defaults[""] = maps.Clone(cl.defaults)
		for _, u := range cl.users {
			out.Users[u.name] = u.access
		}
		list = append(list, out)
	}
	return list, nil
}
