package jujuapi

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/juju/charm/v12"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// keeps compares what a charm with containers says of storage and the like with what the
// application's charm of now does: Juju takes no other there, and says so without a name.
// Of other charms the server decides.
func (j *refresh) keeps(ctx context.Context, name string, then *charm.Meta) error {
	if len(then.Containers) == 0 {
		return nil
	}
	var fixed []string
	was, err := read(ctx, j.session, j.key(), func(c *conn) (params.Charm, error) {
		fixed = rules.FixedOnKubernetes(c.version)
		return ask[params.Charm]("Charms", "CharmInfo", params.CharmURL{URL: j.url})(c)
	})
	if err != nil || was.Meta == nil {
		return err
	}
	now := metaOf(was.Meta)
	differs := map[string]string{
		rules.CharmStorage:    difference(now.Storage, then.Storage),
		rules.CharmDevices:    difference(now.Devices, then.Devices),
		rules.CharmDeployment: "",
	}
	if !reflect.DeepEqual(now.Deployment, then.Deployment) {
		differs[rules.CharmDeployment] = "how it is deployed"
	}
	for _, what := range fixed {
		if names := differs[what]; names != "" {
			return declined(fmt.Sprintf("%s says something else of its %s (%s) than the charm of now, which Juju does not change on Kubernetes: it takes another application", name, what, names))
		}
	}
	return nil
}

// difference names what is not the same in both; empty when all is.
func difference[T any](now, then map[string]T) string {
	other := make(map[string]bool)
	for name := range then {
		if is, has := now[name]; !has || !reflect.DeepEqual(is, then[name]) {
			other[name] = true
		}
	}
	for name := range now {
		if _, has := then[name]; !has {
			other[name] = true
		}
	}
	return words(natural(other))
}

// metaOf is what a controller tells of a charm, as an archive has it, as far as Juju has to
// find it unchanged. (apiserver/common/charms/common.go)
func metaOf(m *params.CharmMeta) *charm.Meta {
	out := &charm.Meta{Storage: make(map[string]charm.Storage), Devices: make(map[string]charm.Device), Containers: make(map[string]charm.Container)}
	for name, s := range m.Storage {
		out.Storage[name] = charm.Storage{
			Name: s.Name, Description: s.Description, Type: charm.StorageType(s.Type), Shared: s.Shared, ReadOnly: s.ReadOnly,
			CountMin: s.CountMin, CountMax: s.CountMax, MinimumSize: s.MinimumSize, Location: s.Location, Properties: slices.Clone(s.Properties),
		}
	}
	for name, d := range m.Devices {
		out.Devices[name] = charm.Device{Name: d.Name, Description: d.Description, Type: charm.DeviceType(d.Type), CountMin: d.CountMin, CountMax: d.CountMax}
	}
	for name := range m.Containers {
		out.Containers[name] = charm.Container{}
	}
	if d := m.Deployment; d != nil {
		out.Deployment = &charm.Deployment{
			DeploymentType: charm.DeploymentType(d.DeploymentType), DeploymentMode: charm.DeploymentMode(d.DeploymentMode),
			ServiceType: charm.ServiceType(d.ServiceType), MinVersion: d.MinVersion,
		}
	}
	return out
}

// emptying makes a refusal that can be acted upon of the one by which Juju lets no charm of
// pod specs become one with containers while its application has units.
// (apiserver/facades/client/application/application.go applicationSetCharm)
func (j *refresh) emptying(call func(*conn) (struct{}, error)) func(*conn) (struct{}, error) {
	return func(c *conn) (struct{}, error) {
		value, err := call(c)
		if code, answered := codeOf(err); answered && code == params.CodeAppShouldNotHaveUnits {
			err = &fleet.Problem{
				Code:   fleet.Refused,
				Text:   "its charm of now is one of pod specs, and Juju takes one with containers in its place only while the application has no units",
				Remedy: fmt.Sprintf("juju scale-application -m %s:%s %s 0   # ends its workload: with its charm's documentation at hand", j.controller.Name, j.model.Name, j.Application),
			}
		}
		return value, err
	}
}
