package fleet

import (
	"github.com/juju/version/v2"
)

var (
	old  = version.MustParse("3.6.4")
	want = version.MustParse("3.6.11")
)

func at(kind AgentKind, name, state string, v version.Number) Agent {
	return Agent{Kind: kind, Name: name, Version: v, State: Condition{Status: state}}
}

func agents(all []Agent) []string {
	var out []string
	for _, a := range all {
		out = append(out, a.String())
	}
	return out
}
