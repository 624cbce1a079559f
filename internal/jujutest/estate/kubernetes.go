package estate

import (
	"cmp"
	"slices"
)

// kubernetes is the type of clouds on which models have pods and no machines.
const kubernetes = "kubernetes"

// OnKubernetes says that the cloud is a Kubernetes cluster.
func (c Cloud) OnKubernetes() bool { return c.Type == kubernetes }

// OnKubernetes says that the controller is a pod.
func (c Controller) OnKubernetes() bool { return c.AllClouds()[0].OnKubernetes() }

// hasOnKubernetes says that a model of the controller is on Kubernetes.
func (c Controller) hasOnKubernetes(m Model) bool {
	name := cmp.Or(m.Cloud, c.CloudName())
	return slices.ContainsFunc(c.AllClouds(), func(cl Cloud) bool { return cl.Name == name && cl.OnKubernetes() })
}

// podsOnly checks a controller on Kubernetes, and those of its models that are generated.
func (v *validator) podsOnly(path []any, c Controller) {
	if c.HA > 1 {
		v.fail(at(path, "ha"), "ha %d: a controller on Kubernetes has one server", c.HA)
	}
	if c.Spare > 0 {
		v.fail(at(path, "spare-machines"), "a controller on Kubernetes has no machines")
	}
	if c.Generate != nil && c.Generate.Machines > 0 {
		v.fail(at(path, "generate", "machines"), "on Kubernetes there are no machines")
	}
	v.pods(path, c.Applications)
}

// pods checks applications on Kubernetes: each unit has a pod of its own.
func (v *validator) pods(path []any, apps []Application) {
	for i, app := range apps {
		p := at(path, "applications", i)
		if len(app.Subordinates) > 0 {
			v.fail(at(p, "subordinates"), "application %q is on Kubernetes, where there are no subordinates", app.Name)
		}
		if app.InContainers {
			v.fail(at(p, "in-containers"), "application %q is on Kubernetes, where there are no machines", app.Name)
		}
	}
}
