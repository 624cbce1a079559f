package preflight

import (
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// accept marks the finding if the operator accepts it and that is possible.
func accept(f *fleet.Finding, world fleet.Fleet, wishes []fleet.Acceptance) {
	if !f.Acceptable {
		return
	}
	f.Accepted = slices.ContainsFunc(wishes, func(a fleet.Acceptance) bool { return meant(a, *f, world) })
}

// meant says whether an acceptance is meant for the finding, by any of the names
// that its controller has in the registry.
func meant(a fleet.Acceptance, f fleet.Finding, world fleet.Fleet) bool {
	if a.Matches(f) {
		return true
	}
	for _, c := range world.Controllers {
		if c.UUID != f.Controller {
			continue
		}
		for _, alias := range c.Aliases {
			other := f
			other.Subject = alias + strings.TrimPrefix(f.Subject, c.Name)
			if a.Matches(other) {
				return true
			}
		}
	}
	return false
}

// unused tells which acceptances let nothing pass.
func unused(findings []fleet.Finding, world fleet.Fleet, wishes []fleet.Acceptance) []fleet.Finding {
	var out []fleet.Finding
	var told []fleet.Acceptance
	for _, a := range wishes {
		if slices.Contains(told, a) {
			continue
		}
		told = append(told, a)
		var final, mild string
		used := false
		for _, f := range findings {
			if !meant(a, f, world) {
				continue
			}
			used = used || f.Accepted
			switch {
			case f.Severity != fleet.Blocker:
				mild = first(mild, f.Name())
			case !f.Accepted:
				final = first(final, f.Name())
			}
		}
		if used {
			continue
		}
		meaning := "--accept " + a.String() + " meets no finding: nothing is let pass by it"
		switch {
		case final != "":
			meaning = "--accept " + a.String() + " lets nothing pass: " + final + " cannot be accepted, because Juju itself would not go on, or nothing could be verified"
		case mild != "":
			meaning = "--accept " + a.String() + " lets nothing pass: " + mild + " holds nothing"
		}
		c := acceptUnused()
		out = append(out, check{Check: c}.finding(view{}, say{meaning: meaning, subject: a.String()}))
	}
	return out
}

// first is the earlier of two names, of which one may be empty: the findings
// have no order yet.
func first(a, b string) string {
	if a == "" {
		return b
	}
	return min(a, b)
}

func acceptUnused() Check {
	return Check{Code: "accept-unused", Severity: fleet.Notice, Scope: fleet.WholeRun,
		Summary: "An --accept lets nothing pass: it meets no finding, or one that cannot be accepted."}
}
