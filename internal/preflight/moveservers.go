package preflight

import (
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// targetNotHA speaks where the run cannot bring the target to as many servers as the
// source has.
func targetNotHA(v view) []say {
	want, from := 0, (*fleet.Controller)(nil)
	for i := range v.fleet.Controllers {
		if n := rules.SafeServers(&v.fleet.Controllers[i]); n > want {
			want, from = n, &v.fleet.Controllers[i]
		}
	}
	has := v.serversNow()
	if has == 0 || want <= has || rules.ServersFor(from, v.c) > 0 {
		return nil
	}
	s := say{
		meaning: fmt.Sprintf("it has %s, and %s has %d: models that move there are less safe from the loss of one", count(has, "server"), from.Name, len(from.Servers)),
		see:     []string{"juju show-controller " + v.c.Name},
	}
	if v.c.Planned {
		s.meaning = fmt.Sprintf("it will have 1 server, and %s has %d: models that move there are less safe from the loss of one", from.Name, len(from.Servers))
		s.see = nil
	}
	v.moreServers(&s, want-has, want)
	return one(s)
}

// moreServers says why the run does not add them, and what does.
func (v view) moreServers(s *say, more, want int) {
	enable := fmt.Sprintf("juju enable-ha -c %s -n %d", v.c.Name, want)
	after := ""
	if v.c.Planned {
		after = "   # after the run"
	}
	kind := rules.KindOf(v.c)
	reason := rules.NoHA(v.c.Version, kind)
	switch h := v.c.Holdings; {
	case reason != "":
		s.meaning += "; " + reason
		if kind != fleet.CAAS {
			s.fix = []string{fmt.Sprintf("juju add-unit -m %s controller -n %d%s", v.own(), more, after)}
		}
	case h != nil && h.HA != nil && !h.HA.CanHave(want):
		s.meaning += fmt.Sprintf("; its cloud makes no machines, and %d more are needed in its model", more-len(h.HA.Spare))
		s.fix = []string{"juju add-machine -m " + v.own() + " ssh:USER@HOST" + after, enable + after}
	default:
		s.fix = []string{enable}
	}
}

// serversNow is how many servers the target has, or will have when it is made; 0 when
// that is not known.
func (v view) serversNow() int {
	switch h := v.c.Holdings; {
	case v.c.Planned:
		return 1
	case h != nil && h.HA != nil:
		return h.HA.Servers
	}
	return len(v.c.Servers)
}
