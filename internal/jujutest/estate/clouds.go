package estate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Cloud is a cloud of a controller.
type Cloud struct {
	Name string `yaml:"name"`
	// Type is lxd if empty; of a controller's own cloud what the controller says.
	Type    string   `yaml:"type,omitempty"`
	Regions []Region `yaml:"regions,omitempty"`
	// AuthTypes are empty and userpass if there are none, and on Kubernetes those that
	// Juju can use there.
	AuthTypes []string `yaml:"auth-types,omitempty"`
	Endpoint  string   `yaml:"endpoint,omitempty"`
	CACerts   []string `yaml:"ca-certificates,omitempty"`
	// Users may use it, besides the controller's user, who administers it.
	Users []CloudUser `yaml:"users,omitempty"`
}

// Region is a region of a cloud; in YAML also just its name.
type Region struct {
	Name     string `yaml:"name"`
	Endpoint string `yaml:"endpoint,omitempty"`
}

// CloudUser is a user with access to a cloud.
type CloudUser struct {
	Name string `yaml:"name"`
	// Access is add-model (the default) or admin.
	Access string `yaml:"access,omitempty"`
}

// UnmarshalYAML accepts a region's name or what is to be said of it.
func (r *Region) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*r = Region{Name: node.Value}
		return nil
	}
	// A decoder that is started here forgets that keys must be known.
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		if key := node.Content[i]; key.Value != "name" && key.Value != "endpoint" {
			return fmt.Errorf("line %d: unknown key %q of a region", key.Line, key.Value)
		}
	}
	type plain Region
	return node.Decode((*plain)(r))
}

// CloudName is the name of the controller's own cloud.
func (c Controller) CloudName() string { return cmp.Or(c.Cloud, "lab") }

// AllClouds are the controller's own cloud, which is the first, and the others.
func (c Controller) AllClouds() []Cloud {
	own := Cloud{Name: c.CloudName()}
	var others []Cloud
	for _, cloud := range c.Clouds {
		if cloud.Name == own.Name {
			own = cloud
			continue
		}
		cloud.Type = cmp.Or(cloud.Type, "lxd")
		others = append(others, cloud)
	}
	own.Type = cmp.Or(own.Type, c.CloudType, "lxd")
	if len(own.Regions) == 0 && c.Region != "" {
		own.Regions = []Region{{Name: c.Region}}
	}
	return append([]Cloud{own}, others...)
}

// clouds checks a controller's clouds and what is said of them.
func (v *validator) clouds(path []any, c Controller) {
	seen := map[string]bool{}
	for i, cloud := range c.Clouds {
		p := at(path, "clouds", i)
		if !cloudName.MatchString(cloud.Name) {
			v.fail(at(p, "name"), "%q is not a cloud name", cloud.Name)
		}
		if seen[cloud.Name] {
			v.fail(at(p, "name"), "cloud %q is there twice", cloud.Name)
		}
		seen[cloud.Name] = true
		for j, r := range cloud.Regions {
			if r.Name == "" || strings.Contains(r.Name, "/") {
				v.fail(at(p, "regions", j), "%q is not a region name", r.Name)
			}
		}
		for j, u := range cloud.Users {
			if !userName.MatchString(u.Name) {
				v.fail(at(p, "users", j, "name"), "%q is not a user name", u.Name)
			}
			v.choice(at(p, "users", j, "access"), u.Access, "add-model", "admin")
		}
	}
	places := map[string]bool{}
	for _, cloud := range c.AllClouds() {
		places[cloud.Name] = true
		for _, r := range cloud.Regions {
			places[cloud.Name+"/"+r.Name] = true
		}
	}
	for _, place := range slices.Sorted(maps.Keys(c.ModelDefaults)) {
		if !places[place] {
			v.fail(at(path, "model-defaults", place), "the controller has no cloud or region %q", place)
		}
	}
}
