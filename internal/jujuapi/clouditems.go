package jujuapi

import (
	"cmp"
	"context"
	"slices"

	"github.com/juju/names/v5"

	"github.com/juju/juju/cloud"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// firstUser is who makes a controller: it has everything there.
const firstUser = "admin"

// allClouds reads the clouds of a controller, by their names.
func (s *Session) allClouds(ctx context.Context, controller fleet.Ref) (map[string]params.Cloud, error) {
	result, err := read(ctx, s, key{controller: controller}, ask[params.CloudsResult]("Cloud", "Clouds", nil))
	if err != nil {
		return nil, err
	}
	out := make(map[string]params.Cloud, len(result.Clouds))
	for tag, c := range result.Clouds {
		out[cloudOf(tag)] = c
	}
	return out, nil
}

// cloudItems are clouds, by name.
func (s *Session) cloudItems(clouds map[string]params.Cloud) []fleet.Holding {
	var out []fleet.Holding
	for _, name := range natural(clouds) {
		out = append(out, fleet.Holding{
			Item:   fleet.Item{Kind: fleet.CloudItem, Name: name},
			Digest: s.digest(canonicalCloud(clouds[name])),
		})
	}
	return out
}

// canonicalCloud is a cloud such that two of them are equal when they lead to the same
// place: as Juju fills in what is left out, without what a controller adds or forgets
// (the cloud that a cluster is in: state/cloud.go), and in a fixed order. Their
// configuration is model defaults, which are items of their own.
func canonicalCloud(c params.Cloud) params.Cloud {
	out := params.Cloud{
		Type:             cloudType(c.Type, 3),
		AuthTypes:        sorted(c.AuthTypes),
		Endpoint:         c.Endpoint,
		IdentityEndpoint: c.IdentityEndpoint,
		StorageEndpoint:  c.StorageEndpoint,
		CACertificates:   sorted(c.CACertificates),
		SkipTLSVerify:    c.SkipTLSVerify,
	}
	if len(out.AuthTypes) == 0 {
		out.AuthTypes = []string{string(cloud.EmptyAuthType)}
	}
	if givenMachines(c.Type) {
		// Its endpoint is the machine that a controller was made on, and of no other use.
		out.Endpoint, c.Endpoint = "", ""
		c.Regions = slices.Clone(c.Regions)
		for i := range c.Regions {
			c.Regions[i].Endpoint = ""
		}
	}
	for _, r := range c.Regions {
		out.Regions = append(out.Regions, params.CloudRegion{
			Name:             r.Name,
			Endpoint:         cmp.Or(r.Endpoint, c.Endpoint),
			IdentityEndpoint: cmp.Or(r.IdentityEndpoint, c.IdentityEndpoint),
			StorageEndpoint:  cmp.Or(r.StorageEndpoint, c.StorageEndpoint),
		})
	}
	slices.SortFunc(out.Regions, func(a, b params.CloudRegion) int { return cmp.Compare(a.Name, b.Name) })
	// A cloud without regions gets this one from the controller that it is added to.
	// (apiserver/facades/client/cloud AddCloud)
	only := params.CloudRegion{
		Name: cloud.DefaultCloudRegion, Endpoint: c.Endpoint, IdentityEndpoint: c.IdentityEndpoint, StorageEndpoint: c.StorageEndpoint,
	}
	if len(out.Regions) == 1 && out.Regions[0] == only {
		out.Regions = nil
	}
	return out
}

// cloudType is the type of a cloud in the words of that major version: "manual" is
// called "unmanaged" since Juju 4.
func cloudType(name string, major int) string {
	switch {
	case major >= 4 && name == "manual":
		return "unmanaged"
	case major < 4 && name == "unmanaged":
		return "manual"
	}
	return name
}

// cloudUsers reads who may do what with each of these clouds, in one call. A cloud
// that the controller does not have is not in the result.
func (s *Session) cloudUsers(ctx context.Context, controller fleet.Ref, clouds []string) (map[string][]params.CloudUserInfo, error) {
	results, err := ofClouds(ctx, s, controller, clouds, func(args params.Entities) func(*conn) (params.CloudInfoResults, int, error) {
		return func(c *conn) (params.CloudInfoResults, int, error) {
			results, err := ask[params.CloudInfoResults]("Cloud", "CloudInfo", args)(c)
			return results, len(results.Results), err
		}
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string][]params.CloudUserInfo, len(clouds))
	for i, result := range results.Results {
		switch {
		case result.Error != nil && fleet.CodeOf(classed(result.Error)) == fleet.NotFound:
		case result.Error != nil:
			return nil, told(result.Error)
		case result.Result != nil:
			out[clouds[i]] = result.Result.Users
		}
	}
	return out, nil
}

// ofClouds asks one question of several clouds.
func ofClouds[R any](ctx context.Context, s *Session, controller fleet.Ref, clouds []string, question func(params.Entities) func(*conn) (R, int, error)) (R, error) {
	var args params.Entities
	for _, name := range clouds {
		if !names.IsValidCloud(name) {
			var none R
			return none, &fleet.Problem{Code: fleet.NotFound, Text: "there can be no cloud " + name}
		}
		args.Entities = append(args.Entities, params.Entity{Tag: names.NewCloudTag(name).String()})
	}
	return read(ctx, s, key{controller: controller}, func(c *conn) (R, error) {
		results, n, err := question(args)(c)
		if err == nil {
			err = asMany(len(clouds), n)
		}
		return results, err
	})
}

// accessItems are who may do what with clouds. Who has made the controller may do all
// with them by itself.
func (s *Session) accessItems(users map[string][]params.CloudUserInfo) []fleet.Holding {
	var out []fleet.Holding
	for _, name := range natural(users) {
		list := slices.Clone(users[name])
		slices.SortFunc(list, func(a, b params.CloudUserInfo) int { return fleet.CompareNatural(a.UserName, b.UserName) })
		for _, u := range list {
			user := localName(u.UserName)
			if u.Access == "" {
				continue
			}
			out = append(out, fleet.Holding{
				Item:   fleet.Item{Kind: fleet.CloudAccessItem, Name: name, User: user, Access: u.Access},
				Digest: s.digest([]string{user, u.Access}),
				Preset: user == firstUser && u.Access == fleet.AccessAdmin,
			})
		}
	}
	return out
}

// sorted is a list in a fixed order.
func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return out
}
