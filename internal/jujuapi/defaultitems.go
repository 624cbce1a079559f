package jujuapi

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/juju/juju/environs/config"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// modelDefaults reads what each of these clouds gives to new models, in one call. A
// cloud that the controller does not have is not in the result.
func (s *Session) modelDefaults(ctx context.Context, controller fleet.Ref, clouds []string) (map[string]map[string]params.ModelDefaults, error) {
	results, err := ofClouds(ctx, s, controller, clouds, func(args params.Entities) func(*conn) (params.ModelDefaultsResults, int, error) {
		return func(c *conn) (params.ModelDefaultsResults, int, error) {
			results, err := ask[params.ModelDefaultsResults]("ModelManager", "ModelDefaultsForClouds", args)(c)
			return results, len(results.Results), err
		}
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string]map[string]params.ModelDefaults, len(clouds))
	for i, result := range results.Results {
		switch {
		case result.Error != nil && fleet.CodeOf(classed(result.Error)) == fleet.NotFound:
		case result.Error != nil:
			return nil, told(result.Error)
		default:
			out[clouds[i]] = result.Config
		}
	}
	return out, nil
}

// defaultItems are the defaults that somebody has set, for a cloud or for a region of
// it; not those that Juju has by itself. Which of them came with the bootstrap is not
// told. A value may be a secret, such as a proxy's password.
func (s *Session) defaultItems(defaults map[string]map[string]params.ModelDefaults) []fleet.Holding {
	var out []fleet.Holding
	for _, cloudName := range natural(defaults) {
		for _, name := range natural(defaults[cloudName]) {
			one := func(region string, v any) {
				out = append(out, fleet.Holding{
					Item:   fleet.Item{Kind: fleet.ModelDefaultItem, Name: name, Cloud: cloudName, Region: region},
					Digest: s.digest([]string{name, defaultValue(name, v)}),
				})
			}
			d := defaults[cloudName][name]
			if d.Controller != nil {
				one("", d.Controller)
			}
			regions := slices.Clone(d.Regions)
			slices.SortFunc(regions, func(a, b params.RegionDefaults) int { return cmp.Compare(a.RegionName, b.RegionName) })
			for _, r := range regions {
				one(r.RegionName, r.Value)
			}
		}
	}
	return out
}

// defaultValue is a model default as one text, which all versions take as well:
// resource-tags come back as a text (3.x, in any order) or as a map (4.x).
func defaultValue(name string, v any) string {
	if name != config.ResourceTagsKey {
		return textOf(v)
	}
	var tags []string
	if m, ok := v.(map[string]any); ok {
		for k, value := range m {
			tags = append(tags, fmt.Sprintf("%s=%s", k, textOf(value)))
		}
	} else {
		tags = strings.Fields(textOf(v))
	}
	return strings.Join(sorted(tags), " ")
}

// defaultToSend is a model default as every version takes it.
func defaultToSend(name string, v any) any {
	if name == config.ResourceTagsKey {
		return defaultValue(name, v)
	}
	return v
}
