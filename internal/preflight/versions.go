package preflight

import (
	"fmt"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

func versionChecks() []check {
	return []check{
		{
			Check: Check{Code: "not-a-patch", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "The wished version is not a later patch of the controller's series."},
			when:       view.asked,
			controller: notAPatch,
		},
		{
			Check: Check{Code: "not-controllers-version", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "With -m, models go to their controller's version, and another one is wished."},
			when:       func(v view) bool { return v.reachable() && v.goal.UpgradesAgents() && !v.goal.UpgradesController() },
			controller: notControllersVersion,
		},
		{
			Check: Check{Code: "newest-unknown", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "The controller did not tell what is newer, so it is not known whether it is up to date."},
			when:       view.unknown,
			controller: newestUnknown,
		},
		{
			Check: Check{Code: "nothing-newer", Severity: fleet.Notice, Scope: fleet.WholeController,
				Summary: "The controller sees nothing newer, where it looks; a stream that it cannot reach looks the same."},
			when:       seesNothing,
			controller: nothingNewer,
		},
		{
			Check: Check{Code: "newer-elsewhere", Severity: fleet.Warning, Scope: fleet.WholeController,
				Summary: "The controller sees nothing newer, but another one of its series does, or is newer."},
			when:       seesNothing,
			controller: newerElsewhere,
		},
		{
			Check: Check{Code: "model-behind", Severity: fleet.Notice, Scope: fleet.OneModel,
				Summary: "The model is of an older series than its controller and will be brought to the controller's."},
			when:  view.hosted,
			model: modelBehind,
		},
		{
			Check: Check{Code: "model-newer", Severity: fleet.Blocker, Scope: fleet.OneModel,
				Summary: "The model is newer than its controller, which Juju does not support."},
			when:  view.hosted,
			model: modelNewer,
		},
		{
			Check: Check{Code: "model-too-old", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "A model is so old that Juju refuses to upgrade its controller."},
			when:       view.begins,
			controller: modelsTooOld,
		},
	}
}

func notAPatch(v view) []say {
	if v.goal.AgentVersion == version.Zero {
		return nil
	}
	reason := rules.PatchOf(v.c.Version, v.goal.AgentVersion)
	if reason == "" {
		return nil
	}
	if v.moves() {
		reason = "with --to, --agent-version is the patch to which the source is brought before its models move: " + reason
	}
	return one(say{
		meaning: reason,
		see:     []string{"juju upgrade-controller -c " + v.c.Name + " --dry-run"},
		fix:     []string{"juju upgrade-all plan -c " + v.c.Name + v.to() + "   # without --agent-version: the newest patch that it sees"},
	})
}

func notControllersVersion(v view) []say {
	wish := v.goal.AgentVersion
	if wish == version.Zero || wish == v.c.Version || !v.wantsAny() {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("models alone are brought to the version that their controller has, %s; %s is wished", v.c.Version, wish),
		fix:     []string{"juju upgrade-all plan --with-controller --agent-version " + wish.String() + " -c " + v.c.Name + v.to() + " -m …", "juju upgrade-all plan" + v.to() + " -m …   # without --agent-version"},
	})
}

// wantsAny says that some model of the controller is in the goal.
func (v view) wantsAny() bool {
	for i := range v.c.Models {
		if v.in(&v.c.Models[i]).wanted() {
			return true
		}
	}
	return false
}

// seesNothing says that the controller was asked for the newest, and has none.
func seesNothing(v view) bool {
	o := v.c.Objections
	return v.asked() && v.goal.AgentVersion == version.Zero && v.c.Underway() == version.Zero &&
		o != nil && (o.Problem == nil || o.Problem.Code == fleet.UpToDate) && o.Chosen.Compare(v.c.Version) <= 0
}

// looksAt tells where the controller looks for newer agents. Where it is a pod, its own
// are images. (3.x apiserver/facades/client/modelupgrader/findagents.go)
func (v view) looksAt() string {
	stream, url := v.c.Stream, v.c.MetadataURL
	if stream == "" {
		stream = rules.DefaultStream()
	}
	if url == "" {
		url = rules.DefaultMetadataURL()
	}
	at := fmt.Sprintf("stream %q at %s", stream, url)
	if v.onKubernetes() {
		at += " and in its image registry"
	}
	return at
}

// seeStream are the commands that show where the controller looks.
func (v view) seeStream() []string {
	see := []string{
		"juju model-config -m " + v.own() + " agent-stream",
		"juju model-config -m " + v.own() + " agent-metadata-url",
	}
	if v.onKubernetes() {
		see = append(see, v.seeRegistry())
	}
	return see
}

// seeRegistry is the command that shows where the images come from.
func (v view) seeRegistry() string {
	return "juju controller-config -c " + v.c.Name + " caas-image-repo"
}

// newestUnknown is for what no other finding tells: a controller that was not
// asked, or whose answer failed.
func newestUnknown(v view) []say {
	if !v.c.Superuser() {
		return nil // no-superuser
	}
	why := "it was not asked"
	var p fleet.Problem
	if o := v.c.Objections; o != nil && o.Problem != nil {
		p = *o.Problem
		why = oneLine(p.Text)
	}
	switch p.Code {
	case fleet.Blocked, fleet.Refused, fleet.NotFound:
		return nil // commands-blocked, juju-refuses, version-not-offered
	}
	return one(say{
		meaning: fmt.Sprintf("it did not tell what is newer than %s, so there is no knowing whether it is up to date: %s", v.c.Version, why),
		see:     []string{v.dryRun()},
		fix:     remedy(&p, "juju upgrade-all plan -c "+v.c.Name+v.to()+" --agent-version …   # the version that it is to go to"),
	})
}

func nothingNewer(v view) []say {
	same := "; if it cannot reach that, it says the same"
	if v.onKubernetes() {
		same = ": a version counts when both have it, or the registry has it and the stream tells of none; if it cannot reach the stream, it says the same"
	}
	return one(say{
		meaning: fmt.Sprintf("it sees nothing newer than %s in %s", v.c.Version, v.looksAt()) + same,
		see:     v.seeStream(),
	})
}

func newerElsewhere(v view) []say {
	newest, name := version.Zero, ""
	for i := range v.fleet.Controllers {
		other := &v.fleet.Controllers[i]
		for _, n := range []version.Number{other.Version, chosen(other)} {
			if other.UUID == v.c.UUID || !rules.SameSeries(n, v.c.Version) || n.Compare(v.c.Version) <= 0 {
				continue
			}
			if order := n.Compare(newest); order > 0 || order == 0 && other.Name < name {
				newest, name = n, other.Name
			}
		}
	}
	if name == "" {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("it sees nothing newer than %s in %s, but %s has or sees %s: it may not reach its stream, and stays behind",
			v.c.Version, v.looksAt(), name, newest),
		see: v.seeStream(),
		fix: []string{"juju upgrade-all plan -c " + v.c.Name + v.to() + " --agent-version " + newest.String()},
	})
}

func chosen(c *fleet.Controller) version.Number {
	if c.Objections == nil {
		return version.Zero
	}
	return c.Objections.Chosen
}

func modelBehind(v view) []say {
	if rules.SameSeries(v.m.Version, v.c.Version) || v.m.Version.Compare(v.c.Version) > 0 {
		return nil
	}
	meaning := fmt.Sprintf("it is at %s, of an older series than its controller, and goes to %s in one step", v.m.Version, v.target)
	if v.moves() {
		meaning += " before it moves"
	}
	return one(say{meaning: meaning})
}

func modelNewer(v view) []say {
	if v.m.Version.Compare(v.c.Version) <= 0 {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("it is at %s and its controller at %s: Juju has no way back for the model, so the controller has to come first", v.m.Version, v.c.Version),
		see:     []string{"juju show-model " + v.here()},
		fix:     []string{"juju upgrade-all plan -c " + v.c.Name + v.to() + " --agent-version " + v.m.Version.String()},
	})
}

// modelsTooOld is about models out of the goal as well: Juju validates all.
func modelsTooOld(v view) []say {
	oldest := rules.OldestModel(v.target)
	var out []say
	for i := range v.c.Models {
		m := &v.c.Models[i]
		if m.IsController || m.Version == version.Zero || m.Version.Compare(oldest) >= 0 {
			continue
		}
		out = append(out, say{
			about:   m,
			meaning: fmt.Sprintf("it is at %s; Juju upgrades a controller to %s only when all its models are at %s or later", m.Version, v.target, oldest),
			see:     []string{"juju show-model " + v.path(m)},
			fix:     []string{"juju upgrade-all -m " + v.path(m)},
		})
	}
	return out
}
