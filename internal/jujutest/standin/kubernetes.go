package standin

import "github.com/juju/juju/cloud"

// otherCluster is what the client's files say of a cluster that Juju does not know the
// kind of. (caas/kubernetes/metadata.go K8sCloudOther)
const otherCluster = "other"

// kubernetes says that the cloud is a cluster, in which a controller is a pod.
func (m *making) kubernetes() bool { return m.made.CloudType == cloud.CloudTypeKubernetes }

// namespace is that of the controller. (internal/provider/kubernetes DecideControllerNamespace)
func (m *making) namespace() string { return "controller-" + m.name }

// pod goes through the stages as they are in a cluster, telling what the real one tells.
func (m *making) pod() error {
	if m.hostRegion == otherCluster {
		m.say("Bootstrap to generic Kubernetes cluster")
	} else {
		m.say("Bootstrap to Kubernetes cluster identified as %s", m.hostRegion)
	}
	if _, err := m.stage("prepare"); err != nil {
		return err
	}
	m.say("Creating k8s resources for controller %q", m.namespace())
	if _, err := m.stage("launch"); err != nil {
		return err
	}
	m.say("Downloading images")
	m.say("Starting controller pod")
	addrs, err := m.stage("script")
	if err != nil {
		return err
	}
	m.say("Bootstrap agent now started")
	if err := m.addressed(addrs); err != nil {
		return err
	}
	m.say("Contacting Juju controller at %s to verify accessibility...", m.host(addrs))
	_, err = m.stage("contact")
	return err
}
