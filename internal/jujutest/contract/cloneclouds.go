package contract

import (
	"github.com/google/go-cmp/cmp"
	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

// added is the cloud that the controller is given. One of Kubernetes goes with all.
func added() params.Cloud {
	return params.Cloud{
		Type: "kubernetes", AuthTypes: []string{"userpass"}, Endpoint: "https://10.9.9.9:16443", CACertificates: []string{"a certificate"},
		Regions: []params.CloudRegion{{Name: "far", Endpoint: "https://10.9.9.10"}, {Name: "farther"}},
	}
}

func (g *giver) addCloud(name string, cloud params.Cloud, force bool) *params.Error {
	g.Helper()
	args := params.AddCloudArgs{Name: name, Cloud: cloud}
	if force {
		args.Force = &force
	}
	if err := g.call("Cloud", 7, "AddCloud", args, nil); err != nil {
		return &params.Error{Code: code(err), Message: err.Error()}
	}
	return nil
}

// clouds: one is read back as it was given, and is never given twice. What does not go
// with the controller's own cloud needs force.
func (g *giver) clouds() {
	name, bare := g.name("away"), g.name("bare")
	g.accepted("a cloud", g.addCloud(name, added(), false))
	var all params.CloudsResult
	g.must("Cloud", 7, "Clouds", nil, &all)
	if diff := cmp.Diff(added(), all.Clouds[names.NewCloudTag(name).String()]); diff != "" {
		g.Errorf("given - told +\n%s", diff)
	}
	g.refused("again", g.addCloud(name, added(), false), params.CodeAlreadyExists, params.CodeAlreadyExists)
	g.accepted("without regions", g.addCloud(bare, params.Cloud{Type: "kubernetes", AuthTypes: []string{"userpass"}, Endpoint: "https://10.9.9.9"}, false))
	if info := g.cloud(bare); len(info.Regions) != 1 || info.Regions[0].Name != "default" {
		g.Errorf("without regions: %+v", info)
	}
	ec2 := params.Cloud{Type: "ec2", AuthTypes: []string{"access-key"}, Regions: []params.CloudRegion{{Name: "there"}}}
	g.refused("what does not go with it", g.addCloud(g.name("ec2"), ec2, false), params.CodeIncompatibleClouds, params.CodeIncompatibleClouds)
	g.accepted("... by force", g.addCloud(g.name("ec2"), ec2, true))
	g.refused("of no type that there is", g.addCloud(g.name("odd"), params.Cloud{AuthTypes: []string{"empty"}}, true), params.CodeNotValid, params.CodeNotValid)
	var infos params.CloudInfoResults
	g.must("Cloud", 7, "CloudInfo", one(names.NewCloudTag(g.name("none"))), &infos)
	g.refused("one that is not there", infos.Results[0].Error, params.CodeNotFound, params.CodeNotFound)
}

// cloud is what CloudInfo tells of a cloud.
func (g *giver) cloud(name string) params.CloudInfo {
	g.Helper()
	var out params.CloudInfoResults
	g.must("Cloud", 7, "CloudInfo", one(names.NewCloudTag(name)), &out)
	if out.Results[0].Error != nil {
		g.Fatal(out.Results[0].Error)
	}
	return *out.Results[0].Result
}

func (g *giver) grantCloud(cloud, user, access string) *params.Error {
	g.Helper()
	var out params.ErrorResults
	g.must("Cloud", 7, "ModifyCloudAccess", params.ModifyCloudAccessRequest{Changes: []params.ModifyCloudAccess{{
		UserTag: names.NewUserTag(user).String(), CloudTag: names.NewCloudTag(cloud).String(), Action: params.GrantCloudAccess, Access: access,
	}}}, &out)
	return out.Results[0].Error
}

// cloudAccess: who has given a cloud administers it; others have what they are granted.
func (g *giver) cloudAccess() {
	cloud, bob := g.name("away"), g.name(withKey)
	g.accepted("a grant", g.grantCloud(cloud, bob, "add-model"))
	g.refused("again", g.grantCloud(cloud, bob, "add-model"), "", "")
	g.accepted("more", g.grantCloud(cloud, bob, "admin"))
	g.refused("less", g.grantCloud(cloud, bob, "add-model"), "", "")
	g.refused("of a model", g.grantCloud(cloud, bob, "write"), params.CodeNotValid, params.CodeNotValid)
	g.refused("of nobody", g.grantCloud(cloud, "nobody-such", "add-model"), params.CodeNotFound, "")
	g.refused("one's own", g.grantCloud(cloud, g.env.User, "add-model"), "", "")
	got := map[string]string{}
	for _, u := range g.cloud(cloud).Users {
		got[u.UserName] = u.Access + " " + u.DisplayName
	}
	if got[bob] != "admin Bob" || len(got) != 2 || got[g.env.User] == "" {
		g.Errorf("%v", got)
	}
	// Juju 4 takes it for a cloud that it does not have.
	if failed := g.grantCloud(g.name("none"), bob, "add-model"); g.juju4() {
		g.accepted("of a cloud that is not there", failed)
	} else {
		g.refused("of a cloud that is not there", failed, params.CodeNotFound, "")
	}
}

// defaults are what the controller tells of model defaults of a cloud.
func (g *giver) defaults(cloud string) params.ModelDefaultsResult {
	g.Helper()
	var out params.ModelDefaultsResults
	g.must("ModelManager", g.modelManager(), "ModelDefaultsForClouds", one(names.NewCloudTag(cloud)), &out)
	return out.Results[0]
}

func (g *giver) modelManager() int {
	if g.juju4() {
		return 10
	}
	return 9
}

func (g *giver) setDefault(cloud, region, key string, value any) *params.Error {
	g.Helper()
	var out params.ErrorResults
	g.must("ModelManager", g.modelManager(), "SetModelDefaults", params.SetModelDefaults{Config: []params.ModelDefaultValues{{
		CloudTag: names.NewCloudTag(cloud).String(), CloudRegion: region, Config: map[string]any{key: value},
	}}}, &out)
	return out.Results[0].Error
}

// modelDefaults: they are told by cloud and region, and as of the type that they have.
// What is for nowhere is refused by Juju 4 only.
func (g *giver) modelDefaults() {
	cloud, region := g.env.Cloud, g.env.Region
	g.accepted("of a cloud", g.setDefault(cloud, "", "http-proxy", "http://one"))
	g.accepted("of a region", g.setDefault(cloud, region, "http-proxy", "http://two"))
	g.accepted("a truth as a text", g.setDefault(cloud, "", "ssl-hostname-verification", "false"))
	g.accepted("a number as a text", g.setDefault(cloud, "", "num-provision-workers", "8"))
	got := g.defaults(cloud)
	if got.Error != nil {
		g.Fatal(got.Error)
	}
	want := params.ModelDefaults{Default: "", Controller: "http://one", Regions: []params.RegionDefaults{{RegionName: region, Value: "http://two"}}}
	if diff := cmp.Diff(want, got.Config["http-proxy"]); diff != "" {
		g.Errorf("given - told +\n%s", diff)
	}
	if v := got.Config["ssl-hostname-verification"]; v.Controller != false || v.Default != true {
		g.Errorf("%+v", v)
	}
	if v := got.Config["num-provision-workers"]; v.Controller != 8.0 || v.Default != 16.0 {
		g.Errorf("%+v", v)
	}
	if v, ok := got.Config["https-proxy"]; !ok || v.Controller != nil || v.Regions != nil {
		g.Errorf("what nobody has set: %+v", v)
	}
	if _, ok := got.Config["fan-config"]; ok == g.juju4() {
		g.Errorf("fan-config is told: %v", ok)
	}
	g.refused("of a cloud that is not there", g.defaults(g.name("none")).Error, params.CodeNotFound, params.CodeNotFound)
	for what, failed := range map[string]*params.Error{
		"for a region that is not there": g.setDefault(cloud, g.name("none"), "http-proxy", "x"),
		"for a cloud that is not there":  g.setDefault(g.name("none"), "", "http-proxy", "x"),
	} {
		if g.juju4() {
			g.refused(what, failed, "", params.CodeNotFound)
		} else {
			g.accepted(what, failed)
		}
	}
	if !g.juju4() {
		g.refused("not of its type", g.setDefault(cloud, "", "ssl-hostname-verification", "perhaps"), "", "")
		g.refused("a version", g.setDefault(cloud, "", "agent-version", g.env.Version.String()), "", "")
	}
}
