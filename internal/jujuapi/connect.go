package jujuapi

import (
	"context"
	"slices"
	"time"

	"github.com/juju/errors"
	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/api"
	"github.com/juju/juju/core/network"
	"github.com/juju/juju/jujuclient"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// key names a connection: a controller, and a model of it or none.
type key struct {
	controller fleet.Ref
	model      string
}

// conn is an open connection, and what its login was answered.
type conn struct {
	api.Connection
	// name is the registry's, for remedies.
	name string
	// facades are the server's, for this kind of connection.
	facades map[string][]int
	groups  [][]string
	version version.Number
}

// serves says whether the server has that version of a facade on this connection.
func (c *conn) serves(facade string, version int) bool {
	return slices.Contains(c.facades[facade], version)
}

// newest is the newest version of a facade that the server has, up to one that this
// tool knows; 0 when there is none.
func (c *conn) newest(facade string, known int) int {
	best := 0
	for _, version := range c.facades[facade] {
		if version <= known {
			best = max(best, version)
		}
	}
	return best
}

// dial opens a connection with all addresses that the registry has, and keeps in
// the registry what the login has shown.
func (s *Session) dial(ctx context.Context, k key) (*conn, error) {
	name, details, err := s.cfg.Store.named(k.controller.Name, k.controller.UUID)
	if err != nil {
		return nil, err
	}
	c, dns, err := s.connect(ctx, name, details, dialTo{model: k.model})
	if err != nil {
		return nil, err
	}
	uuid := details.ControllerUUID
	s.acquainted(uuid, func(a *acquaintance) {
		a.loggedIn = true
		a.groups = c.groups
	})
	now := seen{agentVersion: c.version.String(), endpoints: endpoints(c), dnsCache: dns, publicDNSName: c.PublicDNSName()}
	if err := s.cfg.Store.remember(ctx, uuid, now); err != nil && ctx.Err() == nil {
		s.warnOnce("registry of "+uuid, errors.Annotatef(err, "cannot keep what is new of controller %s", name))
	}
	return c, nil
}

// tunnelled is how much longer than elsewhere a probe may take through a tunnel: some
// requests to a Kubernetes API come before the first byte to the controller.
const tunnelled = 3

// dialTo narrows a connection.
type dialTo struct {
	// model is a UUID; empty for the controller alone.
	model string
	// address is the only one to try; empty for all.
	address string
	// quick means the time limit of a probe, and nobody is asked anything.
	quick bool
}

// connect opens a connection and refuses what this tool does not work with.
func (s *Session) connect(ctx context.Context, name string, details *jujuclient.ControllerDetails, to dialTo) (*conn, dnsCache, error) {
	account, err := s.cfg.Store.account(name)
	if err != nil {
		return nil, nil, err
	}
	if details.OIDCLogin || account != nil && account.SessionToken != "" {
		return nil, nil, refuseJAAS(name)
	}
	if account == nil {
		return nil, nil, needLogin(name, "nobody is logged in there")
	}
	info := &api.Info{
		Addrs:          slices.Clone(details.APIEndpoints),
		ControllerUUID: details.ControllerUUID,
		CACert:         details.CACert,
		SNIHostName:    details.PublicDNSName,
	}
	if details.Proxy != nil {
		info.Proxier = details.Proxy.Proxier
	}
	if to.address != "" {
		info.Addrs = []string{to.address}
	}
	if to.model != "" {
		info.ModelTag = names.NewModelTag(to.model)
	}
	if len(info.Addrs) == 0 {
		return nil, nil, &fleet.Problem{Code: fleet.Unreachable, Text: "the client's registry has no address of it"}
	}
	identity(info, account)
	c, dns, provider, err := s.open(ctx, name, info, account, to)
	if err != nil {
		return nil, nil, err
	}
	if err := s.vet(c, name, details, account); err != nil {
		go func() { _ = c.Close() }()
		return nil, nil, err
	}
	if _, discharged := provider.heard(); discharged {
		s.saveCookies(name)
	}
	return c, dns, nil
}

// open dials and logs in.
func (s *Session) open(ctx context.Context, name string, info *api.Info, account *jujuclient.AccountDetails, to dialTo) (*conn, dnsCache, *login, error) {
	bakery, err := s.bakery(ctx, name, account)
	if err != nil {
		return nil, nil, nil, err
	}
	provider := &login{info: info}
	dns := dnsCache{}
	opts := api.DialOpts{
		LoginProvider:       provider,
		BakeryClient:        bakery,
		DialAddressInterval: 50 * time.Millisecond,
		DialTimeout:         s.cfg.DialTimeout,
		Timeout:             s.cfg.DialTimeout,
		DNSCache:            dns,
	}
	switch {
	case to.quick:
		bakery.InteractionMethods = nil
		opts.Timeout = s.cfg.ProbeTimeout
		if info.Proxier != nil {
			opts.Timeout *= tunnelled
		}
		opts.DialTimeout = opts.Timeout
	case s.cfg.Prompt != nil && account.Password == "":
		opts.Timeout = promptTimeout
	}
	d := &dialing{ctx: ctx, proxy: s.proxy.GetProxy}
	opened, err := d.open(info, opts)
	if err != nil {
		_, discharge := provider.heard()
		problem := s.openProblem(ctx, name, info, discharge, err)
		if discharge && fleet.CodeOf(problem) == fleet.LoginNeeded {
			s.forgetCookies(name)
		}
		return nil, nil, nil, problem
	}
	result, _ := provider.heard()
	c := &conn{Connection: opened, name: name, facades: make(map[string][]int)}
	for _, facade := range result.Facades {
		c.facades[facade.Name] = facade.Versions
	}
	c.groups = groupsOf(params.ToMachineHostsPorts(result.Servers))
	c.version, _ = opened.ServerVersion()
	return c, dns, provider, nil
}

// vet refuses, after a login, what this tool must not or cannot work with.
func (s *Session) vet(c *conn, name string, details *jujuclient.ControllerDetails, account *jujuclient.AccountDetails) error {
	if _, ok := c.facades["JIMM"]; ok {
		return refuseJAAS(name)
	}
	if got := c.ControllerTag().Id(); got != details.ControllerUUID {
		return &fleet.Problem{Code: fleet.Other, Text: "another controller answers at its addresses (" + got + ")"}
	}
	if tag := c.AuthTag(); tag != nil && account.User != "" && tag.Id() != account.User {
		return needLogin(name, "the stored login is that of another user")
	}
	if oldest := rules.MinimumServer(); c.version.Compare(oldest) < 0 {
		return &fleet.Problem{
			Code: fleet.Unsupported,
			Text: "it runs Juju " + c.version.String() + ", and this tool works with " + oldest.String() +
				" and later: upgrade it with its own client first",
		}
	}
	return nil
}

// endpoints are the addresses that the registry should have: as Juju has them
// (juju/api.go makeUsableAddresses), that in use among them.
func endpoints(c *conn) []string {
	var out []string
	for _, group := range c.groups {
		out = append(out, group...)
	}
	if c.IsProxied() {
		return out
	}
	inUse := c.Addr()
	address := inUse.Host
	if inUse.Path != "" && inUse.Path != "/" {
		address += inUse.Path
	}
	if !slices.Contains(out, address) {
		out = slices.Insert(out, 0, address)
	}
	return out
}

// groupsOf lists the addresses of each server, without those that only the
// server itself can use.
func groupsOf(servers []network.MachineHostPorts) [][]string {
	var out [][]string
	for _, server := range servers {
		if group := server.HostPorts().FilterUnusable().Unique().Strings(); len(group) > 0 {
			out = append(out, group)
		}
	}
	return out
}

// dnsCache is an api.DNSCache that begins empty: names are looked up anew at each
// dial, and remembered for the juju program.
type dnsCache map[string][]string

func (dnsCache) Lookup(string) []string { return nil }

func (d dnsCache) Add(host string, ips []string) { d[host] = slices.Clone(ips) }

func refuseJAAS(name string) error {
	return &fleet.Problem{
		Code: fleet.Unsupported,
		Text: name + " is JAAS (JIMM), which stands before controllers of its own and upgrades them by its own means: work on those controllers directly",
	}
}

func needLogin(name, why string) error {
	return &fleet.Problem{Code: fleet.LoginNeeded, Text: why, Remedy: "juju login -c " + name}
}
