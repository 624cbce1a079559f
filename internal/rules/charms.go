package rules

import (
	"strings"

	"github.com/juju/version/v2"
)

// RefreshLost returns why "juju refresh" refuses applications from Charmhub after the
// move; empty when it does not.
// Source: seen on 4.1-beta2 (domain/application/service/migration.go leaves out
// the charm's Charmhub ID, and the client wants one; the server takes a refresh by name
// and revision, after which the client does as well: seen). Whether 4.0 has it is not
// known.
func RefreshLost(source, target version.Number) string {
	if source.Major >= 4 || target.Compare(version.Number{Major: 4, Minor: 1, Tag: "alpha"}) < 0 {
		return ""
	}
	return "an application from Charmhub that came from 3.x could not be refreshed by \"juju refresh\" any more on 4.1-beta2 (\"deploy incomplete\"), and is not known to be mended"
}

// SetsBase says that Juju of that version has "juju set-application-base".
// Source: Juju 3.6 cmd/juju/commands/main.go registers it; 4.1-beta2 does not. Whether
// 4.0 does is not known.
func SetsBase(v version.Number) bool { return v.Major < 4 }

// FixedOnKubernetes are the things of which a charm on Kubernetes has to go on saying the
// same, to the last word of a description: of a charm that does not, Juju of that version
// refuses a refresh ("not supported"). No call that changes nothing tells what a charm says
// of them before the model has it: ResolveCharms has bases only, and the dry run of a
// deployment compares it with no other.
// Source: Juju 3.6 apiserver/facades/client/application/application.go
// setCharmWithAgentValidation; 4.1-beta2 domain/application/service/application.go
// SetApplicationCharm.
func FixedOnKubernetes(v version.Number) []string {
	if v.Major >= 4 {
		return []string{CharmStorage}
	}
	return []string{CharmStorage, CharmDevices, CharmDeployment}
}

// The things that FixedOnKubernetes may name, as charms' metadata does.
const (
	CharmStorage    = "storage"
	CharmDevices    = "devices"
	CharmDeployment = "deployment"
)

// SameChannel says that both are names of one channel: "stable" is "latest/stable", and
// so is "latest". Source: Charmhub's track without a name is latest, which Juju's status
// writes out; a channel without a risk is stable (juju/charm channel.go Normalize).
func SameChannel(a, b string) bool { return channel(a) == channel(b) }

func channel(s string) string {
	parts := strings.Split(s, "/")
	if risky(parts[0]) {
		parts = append([]string{"latest"}, parts...)
	}
	if len(parts) == 1 {
		parts = append(parts, "stable")
	}
	return strings.Join(parts, "/")
}

func risky(s string) bool {
	switch s {
	case "stable", "candidate", "beta", "edge":
		return true
	}
	return false
}

// RefreshChecks are the actions by which charms tell whether they are ready for a
// refresh, and RefreshResumes those by which an operator lets one go on that has
// stopped half way.
// Source: the libraries that charms of databases share: charm_refresh (pre-refresh-check,
// resume-refresh) and, before that, data_platform_libs upgrade (pre-upgrade-check,
// resume-upgrade).
func RefreshChecks() []string { return []string{"pre-refresh-check", "pre-upgrade-check"} }

// RefreshResumes is as described at RefreshChecks.
func RefreshResumes() []string { return []string{"resume-refresh", "resume-upgrade"} }

// RunAction is how a client of that version runs an action: the command, and what has
// to follow the action so that it waits for the end.
// Source: Juju cmd/juju/action/run.go; before 3.0 "juju run" ran commands, and
// "juju run-action" did not wait.
func RunAction(client version.Number) (command, wait string) {
	if client.Major == 2 {
		return "juju run-action", " --wait"
	}
	return "juju run", ""
}
