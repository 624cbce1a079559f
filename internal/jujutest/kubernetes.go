package jujutest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// Models on Kubernetes, and controllers, which are one pod there: what they have in
// place of machines, and what Juju refuses them. Their controllers are dialed at their
// addresses, as one behind a load balancer is: there is no cluster to go through.

// onKubernetes says that the model is of the type caas.
func (m *model) onKubernetes() bool { return m.cloudType == "kubernetes" }

// kind is the model's type, as Juju names it.
func (m *model) kind() string {
	if m.onKubernetes() {
		return "caas"
	}
	return "iaas"
}

// newPod makes the pod of a unit: it restarts with its agent, as a machine does.
func (m *model) newPod(app *application, number int) *machine {
	pod := &machine{id: fmt.Sprintf("%s-%d", app.name, number), base: m.base, arch: "amd64"}
	pod.agent = agent{version: m.version, present: true, since: m.since}
	m.pods = append(m.pods, pod)
	return pod
}

// restarting are what restarts as one: each machine, container and pod with its units.
func (m *model) restarting() []*machine { return append(m.hosts(), m.pods...) }

// servers are the first n of what may serve the API of a controller.
func (m *model) servers(n int) []*machine {
	if !m.onKubernetes() {
		return m.machines[:n]
	}
	own := &application{name: "controller"}
	for _, pod := range m.pods {
		if pod.id == own.name+"-0" {
			return []*machine{pod}
		}
	}
	return []*machine{m.newPod(own, 0)} // its application has been taken away
}

func (m *model) copyPod(from *machine, hosts map[*machine]*machine) *machine {
	pod := *from
	pod.units, pod.moving, pod.present = nil, false, false
	hosts[from] = &pod
	return &pod
}

// podComes is the coming of a unit's pod with its agent to another controller. One of
// Juju 3 changes its StatefulSet a while later, so that it restarts. (seen, after about
// 6 s) Juju 4 replaces it at once, and brings it to its own version.
func (w *World) podComes(m *model, a *agent) {
	i := slices.IndexFunc(m.pods, func(pod *machine) bool {
		return slices.ContainsFunc(pod.units, func(u *unit) bool { return &u.agent == a })
	})
	if i < 0 {
		return
	}
	pod := m.pods[i]
	pod.present = true
	if m.controller.version4() {
		return
	}
	w.sched.after(3*w.timing.AgentMove, func() {
		if m.controller.byUUID[m.uuid] == m && !pod.moving {
			pod.moving = true
			w.restartHost(m, pod)
		}
	})
}

// inPod is what status tells of a unit that is a pod.
func (m *model) inPod(u *unit, out *params.UnitStatus) {
	out.Machine, out.PublicAddress = "", ""
	if i := slices.Index(m.pods, u.machine); !u.starting {
		out.ProviderId, out.Address = u.machine.id, fmt.Sprintf("10.1.%d.%d", i/250, i%250+1)
	}
}

// asService is what status tells of an application on Kubernetes besides the rest.
func (app *application) asService(m *model, out *params.ApplicationStatus) {
	out.Scale = len(app.units)
	out.ProviderId = uuidFrom("service " + m.uuid + "/" + app.name)
	out.PublicAddress = "10.152.183.1"
}

// awaited is what a unit waits for that has not started.
func (m *model) awaited() string {
	if m.onKubernetes() {
		return "installing agent"
	}
	return "waiting for machine"
}

// notOnKubernetes is how a facade refuses its use where the model is on Kubernetes.
// (apiserver/facades/client/highavailability, backups)
func notOnKubernetes(what string) error {
	return apiError(params.CodeNotSupported, "%s on kubernetes controllers not supported", what)
}

// ownBackend is the secret backend that is built in for a model on Kubernetes: its own
// namespace. It is told of while it has secrets in it. (apiserver/common/secrets
// BackendSummaryInfo; secrets/provider/kubernetes BuiltInName)
func (m *model) ownBackend() *params.SecretBackendResult {
	if !m.onKubernetes() || m.spec.Secrets == 0 {
		return nil
	}
	return &params.SecretBackendResult{
		Result: params.SecretBackend{Name: m.name + "-local", BackendType: "kubernetes"},
		ID:     m.uuid, NumSecrets: m.spec.Secrets, Status: "active",
	}
}

// refusesPods is what the import of Juju 4 has against a model on Kubernetes of Juju 3:
// applications from local charms. (seen on 4.1-beta2)
func (c *controller) refusesPods(m *model) string {
	if !c.version4() || m.controller.version4() || !m.onKubernetes() {
		return ""
	}
	for _, app := range m.apps {
		if strings.HasPrefix(cmp.Or(app.spec.Charm, app.name), "local:") {
			return fmt.Sprintf("application %q has multiple settings, expected only one", app.name)
		}
	}
	return ""
}

// ofService are the settings of the service of a controller on Kubernetes.
// (environs/bootstrap/config.go)
var ofService = []string{"controller-service-type", "controller-external-name", "controller-external-ips"}

// preparable says why a controller can not be made in a cluster, or be given what is
// for clusters only. (cmd/juju/commands/bootstrap.go; internal/provider/kubernetes
// PrepareForBootstrap)
func (w *World) preparable(cloud estate.Cloud, spec Bootstrap) error {
	for _, key := range ofService {
		if _, given := spec.Config[key]; given && !cloud.OnKubernetes() {
			return fmt.Errorf("%q, %q and %q\nare only allowed for kubernetes controllers", ofService[0], ofService[1], ofService[2])
		}
	}
	there := func(c *controller) bool {
		return c.model().onKubernetes() && c.cloud() == cloud.Name && cmp.Or(c.setting("controller-name"), c.name) == spec.Name
	}
	if cloud.OnKubernetes() && slices.ContainsFunc(w.controllers, there) {
		return fmt.Errorf("a controller called %q already exists on this k8s cluster.\nPlease bootstrap again and choose a different controller name.", spec.Name) //nolint:staticcheck,revive // it is Juju's text
	}
	return nil
}
