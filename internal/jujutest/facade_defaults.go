package jujutest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/environs/config"
	"github.com/juju/juju/rpc/params"
)

// gone4 are what models could be configured with before Juju 4.
var gone4 = []string{
	"agent-stream", "fan-config", "ignore-machine-addresses", "logforward-enabled", "logging-output",
	"max-status-history-age", "max-status-history-size", "provisioner-harvest-mode", "secret-backend",
}

// modelPresets are Juju's own defaults of what models can be configured with.
func (c *controller) modelPresets() map[string]any {
	presets := maps.Clone(config.ConfigDefaults())
	if c.version4() {
		for _, key := range gone4 {
			delete(presets, key)
		}
		presets["enable-os-upgrade"] = false
	}
	return presets
}

// modelDefaultsForClouds is ModelManager.ModelDefaultsForClouds.
func modelDefaultsForClouds(s *session, args params.Entities) (params.ModelDefaultsResults, error) {
	var out params.ModelDefaultsResults
	c := s.controller()
	if !s.superuser() {
		return out, errPerm()
	}
	for _, e := range args.Entities {
		cl, failed := c.cloudOfTag(e.Tag)
		if failed != nil {
			out.Results = append(out.Results, params.ModelDefaultsResult{Error: failed})
			continue
		}
		out.Results = append(out.Results, params.ModelDefaultsResult{Config: c.modelDefaults(cl)})
	}
	return out, nil
}

// modelDefaults are a cloud's, as they are told: of regions only those that the cloud has.
func (c *controller) modelDefaults(cl *cloud) map[string]params.ModelDefaults {
	all := map[string]params.ModelDefaults{}
	for key, value := range c.modelPresets() {
		all[key] = params.ModelDefaults{Default: value}
	}
	for key, value := range cl.defaults {
		d := all[key]
		d.Controller = value
		all[key] = d
	}
	for _, region := range cl.regions() {
		for key, value := range cl.regional[region] {
			d := all[key]
			d.Regions = append(d.Regions, params.RegionDefaults{RegionName: region, Value: value})
			all[key] = d
		}
	}
	return all
}

// setModelDefaults is ModelManager.SetModelDefaults.
func setModelDefaults(s *session, args params.SetModelDefaults) (params.ErrorResults, error) {
	var out params.ErrorResults
	if err := s.mayChangeUsers(); err != nil { // the same is asked
		return out, err
	}
	for _, arg := range args.Config {
		out.Results = append(out.Results, params.ErrorResult{Error: s.controller().changeDefaults(arg)})
	}
	return out, nil
}

// changeDefaults: Juju 3 takes what is for clouds and regions that it does not have, too. (seen)
func (c *controller) changeDefaults(arg params.ModelDefaultValues) *params.Error {
	_, version := arg.Config["agent-version"]
	switch {
	case version && !c.version4():
		return &params.Error{Message: "agent-version cannot have a default value"}
	case arg.CloudTag == "" && c.version4():
		return &params.Error{Message: "missing cloud name"}
	case arg.CloudTag == "":
		arg.CloudTag = names.NewCloudTag(c.cloud()).String()
	}
	cl, failed := c.cloudOfTag(arg.CloudTag)
	region := arg.CloudRegion
	missing := failed != nil && failed.Code == params.CodeNotFound
	switch {
	case failed != nil && !missing:
		return failed
	case c.version4() && region != "" && (missing || !cl.hasRegion(region)):
		return &params.Error{Code: params.CodeNotFound, Message: fmt.Sprintf("cloud %q region %q not found", strings.TrimPrefix(arg.CloudTag, "cloud-"), region)}
	case c.version4() && missing:
		return failed
	}
	if !c.version4() {
		if err := checkDefaults(arg.Config); err != nil {
			return &params.Error{Message: err.Error()}
		}
	}
	c.effects++
	if !missing {
		c.setDefaults(cl, region, arg.Config)
	}
	return nil
}

// checkDefaults is what Juju 3 looks at; Juju 4 takes anything. (seen)
func checkDefaults(values map[string]any) error {
	if interval, ok := values["update-status-hook-interval"].(string); ok {
		if _, err := time.ParseDuration(interval); err != nil {
			return fmt.Errorf("invalid update status hook interval in model configuration: %w", err)
		}
	}
	_, err := coercedDefaults(values, false)
	return err
}

// setDefaults keeps defaults of a cloud, or of one of its regions.
func (c *controller) setDefaults(cl *cloud, region string, values map[string]any) {
	coerced, err := coercedDefaults(values, c.version4())
	if err != nil {
		coerced = values // as they came
	}
	maps.Copy(cl.defaultsOf(region), coerced)
}

// coercedDefaults are values as they are told after they were set: of the type that
// their key has. Of other keys Juju 4 keeps texts only.
func coercedDefaults(values map[string]any, juju4 bool) (map[string]any, error) {
	schema, err := config.Schema(nil)
	if err != nil {
		return nil, err
	}
	fields, _, err := schema.ValidationSchema()
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		field, known := fields[key]
		switch {
		case known:
			if out[key], err = field.Coerce(values[key], []string{key}); err != nil {
				return nil, err
			}
		case juju4:
			out[key] = fmt.Sprint(values[key])
		default:
			out[key] = values[key]
		}
	}
	return out, nil
}

// presetDefaults are those that a controller has from the start, of CLOUD or CLOUD/REGION.
func (c *controller) presetDefaults(place string, values map[string]any) error {
	name, region, _ := strings.Cut(place, "/")
	coerced, err := coercedDefaults(values, c.version4())
	if err != nil {
		return fmt.Errorf("model-defaults of %s: %w", place, err)
	}
	maps.Copy(c.cloudNamed(name).defaultsOf(region), coerced)
	return nil
}

// knownToModels says whether a model can be configured with a key, as Juju knows it.
func knownToModels(key string) bool {
	schema, err := config.Schema(nil)
	_, known := schema[key]
	return err == nil && known
}
