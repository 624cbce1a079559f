package preflight

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// targetAddresses speaks where it can be told: a loopback address is of one
// machine only. Whether the source reaches others is proven by its own attempt.
func targetAddresses(v view) []say {
	var remote bool
	for _, c := range v.fleet.Controllers {
		remote = remote || !loopbackOnly(c.Servers)
	}
	if at := v.c.ReachedAt; at != "" && !named(v.c.Servers, at) {
		return one(say{
			meaning: "this client reaches it at " + at + ", which is none of the addresses that it names itself (" + addressWords(v.c.Servers) +
				"): the source controller and the models' agents have to reach it at one of those, which cannot be seen from here; if the source does not, Juju refuses to begin",
			see: []string{"juju show-controller " + v.c.Name},
		})
	}
	if !remote || !loopbackOnly(v.c.Servers) {
		return nil
	}
	return one(say{
		meaning: "this client knows it by addresses of this machine only (" + strings.Join(slices.Sorted(slices.Values(v.c.Servers[0].Addresses)), ", ") +
			"): the source controller and the models' agents may not reach it there, and then Juju refuses to begin",
		see: []string{"juju show-controller " + v.c.Name, "juju controller-config -c " + v.c.Name + " api-port"},
	})
}

// named says whether the address is one of those that the controller names.
func named(servers []fleet.Server, address string) bool {
	return slices.ContainsFunc(servers, func(s fleet.Server) bool { return slices.Contains(s.Addresses, address) })
}

// addressWords are the first addresses of each server.
func addressWords(servers []fleet.Server) string {
	var out []string
	for _, s := range servers {
		if len(s.Addresses) > 0 {
			out = append(out, s.Addresses[0])
		}
	}
	if len(out) == 0 {
		return "none"
	}
	slices.SortFunc(out, fleet.CompareNatural)
	return strings.Join(out, ", ")
}

// loopbackOnly says that the servers have loopback addresses and no others.
func loopbackOnly(servers []fleet.Server) bool {
	some := false
	for _, s := range servers {
		for _, address := range s.Addresses {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				host = address
			}
			ip, err := netip.ParseAddr(host)
			if host != "localhost" && (err != nil || !ip.IsLoopback()) {
				return false
			}
			some = true
		}
	}
	return some
}
