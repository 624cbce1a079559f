package rules

import "github.com/juju/version/v2"

// Where says which controllers a known issue strikes.
type Where string

// The places of known issues.
const (
	// NoControllerApp: the controller's model has no application "controller".
	NoControllerApp Where = "no-controller-application"
	// HostsKubernetes: some model of the controller is on Kubernetes.
	HostsKubernetes Where = "hosts-kubernetes"
)

// Issue is a fault of Juju that strikes on the way between two versions.
type Issue struct {
	// From and To: it strikes when the way starts before From and ends at To or
	// later, up to and with Last (zero: not known to be mended).
	From, To, Last version.Number
	Where          Where
	// What is the case, and what it leads to.
	What string
	// Link is where it is told.
	Link string
}

// strikes says that the way from one version to another meets the issue.
func (i Issue) strikes(from, to version.Number) bool {
	return from.Compare(i.From) < 0 && to.Compare(i.To) >= 0 &&
		(i.Last == version.Zero || to.Compare(i.Last) <= 0) && SameSeries(to, i.To)
}

// KnownIssues returns the issues that are known on the way, in their order.
func KnownIssues(from, to version.Number) []Issue {
	var out []Issue
	for _, i := range issues() {
		if i.strikes(from, to) {
			out = append(out, i)
		}
	}
	return out
}

// issues is the table. None of it was seen here: the links are all there is.
func issues() []Issue {
	v := func(patch int) version.Number { return version.Number{Major: 3, Minor: 6, Patch: patch} }
	return []Issue{{
		From: v(14), To: v(14), Where: HostsKubernetes,
		What: "if the StatefulSet of any application of a model on Kubernetes was deleted behind Juju's back, an upgrade step of 3.6.14 fails for ever, and the controller with it",
		Link: "https://github.com/juju/juju/issues/21684",
	}, {
		From: v(22), To: v(22), Last: v(24), Where: NoControllerApp,
		What: `the controller's model has no application "controller", and the upgrade step "expose controller application" fails without it, and the controller with it`,
		Link: "https://github.com/juju/juju/issues/22621",
	}}
}
