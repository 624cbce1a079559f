package jujuapi

import (
	"context"
	"slices"

	"github.com/juju/errors"
	"github.com/juju/version/v2"
	"golang.org/x/sync/errgroup"

	"github.com/juju/juju/jujuclient"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// maxProbes bounds how many addresses of one controller are dialed at once.
const maxProbes = 16

// Servers implements execute.Watcher.
func (r *Reader) Servers(ctx context.Context, controller fleet.Ref) ([]fleet.Server, error) {
	servers := r.session.probe(ctx, controller, nil)
	if err := ctx.Err(); err != nil {
		return nil, errors.Annotatef(ending(ctx, err), "cannot reach controller %s", controller.Name)
	}
	if len(servers) == 0 {
		if _, _, err := r.session.cfg.Store.named(controller.Name, controller.UUID); err != nil {
			return nil, errors.Trace(err)
		}
		return nil, &fleet.Problem{Code: fleet.Unreachable, Text: "this client's registry has no address of controller " + controller.Name}
	}
	return servers, nil
}

// echo is what one address answered.
type echo struct {
	version version.Number
	groups  [][]string
	err     error
}

// probe dials every address of a controller on its own. The addresses of one
// server are those that the controller names together (groups, else those of the
// last login, else those that this probe is told). Where none of these answers but
// the controller does, through a balancer or translated addresses, its servers
// cannot be told apart from here and are one.
func (s *Session) probe(ctx context.Context, controller fleet.Ref, groups [][]string) []fleet.Server {
	name, details, err := s.cfg.Store.named(controller.Name, controller.UUID)
	if err != nil {
		return nil
	}
	if len(groups) == 0 {
		s.acquainted(details.ControllerUUID, func(a *acquaintance) { groups = a.groups })
	}
	if details.Proxy != nil {
		return s.proxied(ctx, name, details)
	}
	heard := make(map[string]echo)
	s.listen(ctx, name, details, slices.Concat(flat(groups), details.APIEndpoints), heard)
	groups = s.regroup(details.ControllerUUID, groups, heard)
	s.listen(ctx, name, details, flat(groups), heard)

	servers := make([]fleet.Server, 0, len(groups))
	answered := false
	for _, group := range groups {
		server := serverOf(group, heard)
		answered = answered || server.Problem == nil
		servers = append(servers, server)
	}
	whole := serverOf(details.APIEndpoints, heard)
	if !answered && len(details.APIEndpoints) > 0 && (whole.Problem == nil || len(servers) == 0) {
		return []fleet.Server{whole}
	}
	return servers
}

// listen dials the addresses that have not been heard yet, all at once.
func (s *Session) listen(ctx context.Context, name string, details *jujuclient.ControllerDetails, addresses []string, heard map[string]echo) {
	var todo []string
	for _, address := range addresses {
		if _, ok := heard[address]; !ok && !slices.Contains(todo, address) {
			todo = append(todo, address)
		}
	}
	echoes := make([]echo, len(todo))
	var group errgroup.Group
	group.SetLimit(maxProbes)
	for i, address := range todo {
		group.Go(func() error {
			echoes[i] = s.call(ctx, name, details, address)
			return nil
		})
	}
	_ = group.Wait()
	for i, address := range todo {
		heard[address] = echoes[i]
	}
}

// call logs in at one address; at all of them when it is empty.
func (s *Session) call(ctx context.Context, name string, details *jujuclient.ControllerDetails, address string) echo {
	c, _, err := s.connect(ctx, name, details, dialTo{address: address, quick: true})
	if err != nil {
		return echo{err: err}
	}
	s.pool.mu.Lock()
	s.pool.hangUp(c)
	s.pool.mu.Unlock()
	return echo{version: c.version, groups: c.groups}
}

// proxied probes a controller whose addresses are those of a tunnel.
func (s *Session) proxied(ctx context.Context, name string, details *jujuclient.ControllerDetails) []fleet.Server {
	const tunnel = ""
	heard := map[string]echo{tunnel: s.call(ctx, name, details, tunnel)}
	server := serverOf([]string{tunnel}, heard)
	server.Addresses = details.APIEndpoints
	return []fleet.Server{server}
}

// regroup puts what answering servers say in the place of what was known, but keeps
// the servers that were known before and have no address in common with it: a
// controller may leave out one that is down.
func (s *Session) regroup(uuid string, known [][]string, heard map[string]echo) [][]string {
	var fresh [][]string
	for _, one := range heard {
		if len(one.groups) > len(fresh) {
			fresh = one.groups
		}
	}
	if fresh == nil {
		return known
	}
	groups := slices.Clone(fresh)
	now := flat(fresh)
	for _, group := range known {
		if !slices.ContainsFunc(group, func(address string) bool { return slices.Contains(now, address) }) {
			groups = append(groups, group)
		}
	}
	slices.SortFunc(groups, slices.Compare)
	s.acquainted(uuid, func(a *acquaintance) { a.groups = groups })
	return groups
}

// serverOf is one server by whichever of its addresses answers, else with the
// problem that says most: an answer, though it is a refusal, before silence.
func serverOf(addresses []string, heard map[string]echo) fleet.Server {
	server := fleet.Server{Addresses: addresses}
	for _, address := range addresses {
		one := heard[address]
		if one.err == nil && one.version != version.Zero {
			server.Version, server.Problem = one.version, nil
			return server
		}
		var p *fleet.Problem
		if !errors.As(one.err, &p) {
			p = &fleet.Problem{Code: fleet.Unreachable, Text: "not asked"}
			if one.err != nil {
				p.Text = text(one.err)
			}
		}
		if server.Problem == nil || server.Problem.Code == fleet.Unreachable {
			server.Problem = p
		}
	}
	return server
}

func flat(groups [][]string) []string {
	var out []string
	for _, group := range groups {
		out = append(out, group...)
	}
	return out
}
