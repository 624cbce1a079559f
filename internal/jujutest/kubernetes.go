package jujutest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juju/version/v2"

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

// podComes is the coming of a unit's pod with its agent to another controller, where its
// hooks run. One of Juju 3 changes the StatefulSets a while later, so that the pods are
// replaced. (seen, after about 6 s) Juju 4 does so at once, and brings them to its version.
func (w *World) podComes(m *model, a *agent) {
	h := m.podOf(a)
	if h == nil {
		return
	}
	h.present = true
	if m.controller.version4() {
		return
	}
	w.runHooks(h, []string{"start", "config-changed", "workload-pebble-ready"}, func() { w.rollPods(m, 0) })
	if m.rolls {
		return
	}
	m.rolls = true
	w.sched.after(3*w.timing.AgentMove, func() {
		for _, h := range m.pods {
			h.pod.stale = true
		}
		w.rollPods(m, 0)
	})
}

// asService is what status tells of an application on Kubernetes besides the rest.
func (app *application) asService(m *model, out *params.ApplicationStatus) {
	out.Scale = len(app.units)
	if m.isController() && app.name == "controller" {
		return // its service is none of an application's
	}
	out.ProviderId = uuidFrom("service " + m.uuid + "/" + app.name)
	out.PublicAddress = "10.152.183.1"
}

// podsLose has all units on Kubernetes lose a controller that was away, since it knows of
// no connection when it is back. They come back one after the other. Where it was away
// for longer than their liveness probes wait, their charm containers have restarted, and
// run their first hooks again; the workloads have not. (seen)
func (w *World) podsLose(c *controller, away time.Duration) {
	delay := w.timing.AgentRestart * 3 / 4
	for _, m := range c.models {
		for _, h := range m.pods {
			if h.pod.phase != podRuns {
				continue
			}
			for _, u := range h.units {
				if !u.present || u.fault.Kind == estate.AgentFrozen {
					continue
				}
				u.vanish()
				w.sched.after(delay, func() { w.podFinds(m, h, u, away > probesWait) })
				delay += w.timing.AgentStagger / 4
			}
		}
	}
}

// probesWait is how long the probes of a charm's container fail before it is restarted.
const probesWait = 30 * time.Second

// podFinds is a unit's finding its controller again.
func (w *World) podFinds(m *model, h *machine, u *unit, restarted bool) {
	if h.pod.phase != podRuns || u.present || u.fault.Kind == estate.AgentDown {
		return
	}
	u.present = true
	if m.serverOn(h) != nil {
		u.arrive(m)
		h.pod.address, restarted = w.newAddress(), true
	}
	var hooks []string
	if restarted {
		hooks = []string{"start", "workload-pebble-ready"}
	}
	w.runHooks(h, hooks, func() { w.moveAgents(m) })
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

// cluster tells the cluster of a controller on Kubernetes from others: clouds may have
// different names for one, and the same name for several.
func (c *controller) cluster() string { return cmp.Or(c.clouds[0].shown.Endpoint, c.cloud()) }

// imageName is the image of all agents on Kubernetes.
const imageName = "jujud-operator"

// imageRepo is where the controller takes images from.
func (c *controller) imageRepo() string {
	return cmp.Or(c.setting("caas-image-repo"), "docker.io/jujusolutions")
}

// chooseImage is Juju's choice of a version for a model on Kubernetes: what simplestreams
// and the registry both have, and what the registry alone has where simplestreams know
// nothing of what was asked for. (apiserver/facades/client/modelupgrader/findagents.go)
func (m *model) chooseImage(target version.Number) (version.Number, *params.Error) {
	c := m.controller
	if c.has(estate.FaultStreams, "") {
		return target, &params.Error{Message: "cannot read index data, attempt count exceeded: cannot access URL " +
			`"https://streams.canonical.com/juju/tools/streams/v1/index2.sjson"`}
	}
	if c.has(estate.FaultRegistry, "") {
		return target, &params.Error{Message: fmt.Sprintf("Get %q: non-successful response status=503", c.registryURL())}
	}
	asked := func(v version.Number) bool {
		return v == target || target == version.Zero && v.Major == m.version.Major && v.Minor == m.version.Minor
	}
	var streams, images []version.Number
	for _, v := range append(slices.Clone(c.offers), m.version) {
		if !asked(v) {
			continue
		}
		if !c.has(estate.FaultHideAgents, v.String()) {
			streams = append(streams, v)
		}
		if !c.has(estate.FaultHideImage, v.String()) {
			images = append(images, v)
		}
	}
	var newest version.Number
	for _, v := range images {
		if (len(streams) == 0 || slices.Contains(streams, v)) && v.Compare(newest) > 0 {
			newest = v
		}
	}
	switch {
	case newest == version.Zero && target != version.Zero:
		return target, noMatch()
	case newest == m.version:
		return target, upToDate()
	case newest.Compare(m.version) > 0:
		return newest, nil
	}
	return target, &params.Error{Code: params.CodeNotFound, Message: "available agent binary, upload required"}
}

// registryURL is where Juju asks for the tags of its image.
func (c *controller) registryURL() string {
	host, path, _ := strings.Cut(c.imageRepo(), "/")
	return fmt.Sprintf("https://%s/v2/%s/%s/tags/list", host, path, imageName)
}

// preparable says why a controller cannot be made in a cluster, or be given what is
// for clusters only. (cmd/juju/commands/bootstrap.go; internal/provider/kubernetes
// PrepareForBootstrap)
func (w *World) preparable(cloud estate.Cloud, spec Bootstrap) error {
	for _, key := range ofService {
		if _, given := spec.Config[key]; given && !cloud.OnKubernetes() {
			return fmt.Errorf("%q, %q and %q\nare only allowed for kubernetes controllers", ofService[0], ofService[1], ofService[2])
		}
	}
	there := func(c *controller) bool {
		return c.model().onKubernetes() && c.cluster() == cmp.Or(cloud.Endpoint, cloud.Name) && cmp.Or(c.setting("controller-name"), c.name) == spec.Name
	}
	if cloud.OnKubernetes() && slices.ContainsFunc(w.controllers, there) {
		return fmt.Errorf("a controller called %q already exists on this k8s cluster.\nPlease bootstrap again and choose a different controller name.", spec.Name) //nolint:staticcheck,revive // it is Juju's text
	}
	return nil
}
