package jujuapi

import (
	"context"

	"github.com/juju/errors"
	"github.com/juju/version/v2"

	"github.com/juju/juju/api/base"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Reader looks at Juju. Nothing that it sends can change anything.
type Reader struct {
	session *Session
}

var (
	_ discover.Reader = (*Reader)(nil)
	_ execute.Watcher = (*Reader)(nil)
)

// Login implements discover.Reader. Errors of the registry are ErrBadStore and
// ErrUnknownController.
func (r *Reader) Login(ctx context.Context, name string) (fleet.Controller, error) {
	var none fleet.Controller
	registered, err := r.registered(name)
	if err != nil {
		return none, errors.Trace(err)
	}
	_, details, err := r.session.cfg.Store.named(name, registered.UUID)
	if err != nil {
		return none, errors.Trace(err)
	}
	ref := fleet.Ref{UUID: registered.UUID, Name: name}
	out := fleet.Controller{Ref: ref, Aliases: registered.Aliases, Cloud: details.Cloud, Region: details.CloudRegion}
	c, err := r.session.pool.get(ctx, key{controller: ref})
	if err != nil {
		return out, errors.Annotatef(err, "cannot log in to controller %s", name)
	}
	defer c.release()
	out.Version = c.version
	out.Access = c.ControllerAccess()
	if tag := c.AuthTag(); tag != nil {
		out.User = tag.Id()
	}
	if !c.IsProxied() {
		out.ReachedAt = c.Addr().Host
	}
	for _, group := range c.groups {
		out.Servers = append(out.Servers, fleet.Server{Addresses: group})
	}
	return out, nil
}

// registered is the registry's controller of that name; the name itself is taken
// for the preferred one.
func (r *Reader) registered(name string) (Registered, error) {
	all, err := r.session.cfg.Store.Controllers()
	if err != nil {
		return Registered{}, err
	}
	_, details, err := r.session.cfg.Store.named(name, "")
	if err != nil {
		return Registered{}, err
	}
	out := Registered{UUID: details.ControllerUUID, Name: name}
	for _, one := range all {
		if one.UUID != out.UUID {
			continue
		}
		for _, other := range append([]string{one.Name}, one.Aliases...) {
			if other != name {
				out.Aliases = append(out.Aliases, other)
			}
		}
	}
	return out, nil
}

// Controller implements discover.Reader. Calls: one for all models, one for their
// command blocks, one for the controller model's configuration, one for its clouds
// where a model is on Kubernetes, and a login at each server.
func (r *Reader) Controller(ctx context.Context, c fleet.Controller) (fleet.Controller, error) {
	servers := make(chan []fleet.Server, 1)
	go func() { servers <- r.session.probe(ctx, c.Ref, addressesOf(c.Servers)) }()
	out, err := r.facts(ctx, c)
	out.Servers = <-servers
	// Without a code it is not the upgrade window's "no".
	if fleet.CodeOf(err) == fleet.Busy && !errors.Is(err, errNoCode) {
		out, err = r.upgrading(ctx, out, err)
	}
	return out, errors.Annotatef(err, "cannot look at controller %s", c.Name)
}

// facts fills in what calls tell.
func (r *Reader) facts(ctx context.Context, c fleet.Controller) (fleet.Controller, error) {
	models, err := r.models(ctx, c.Ref)
	if err != nil {
		return c, err
	}
	blocked, err := r.blocked(ctx, c)
	if err != nil {
		return c, err
	}
	for i := range models {
		models[i].ChangesBlocked = blocked[models[i].UUID]
	}
	if err := r.session.clusters(ctx, c.Ref, models); err != nil {
		return c, err
	}
	c.Models = models
	own := c.ControllerModel()
	if own == nil {
		return c, nil
	}
	r.session.acquainted(c.UUID, func(a *acquaintance) { a.model = own.UUID })
	c.Cloud, c.Region, c.Cluster = own.Cloud, own.Region, own.Cluster
	return r.streamOf(ctx, c, own.UUID)
}

// streamOf fills in where the controller looks for agents. Juju 4.1 cannot tell the
// configuration of a model whose cloud has default resource-tags ("comparing uncomparable
// type", without a code): then it is not shown.
func (r *Reader) streamOf(ctx context.Context, c fleet.Controller, own string) (fleet.Controller, error) {
	tolerant := c.Version.Major >= 4
	config, err := question(ctx, r.session, key{c.Ref, own}, func(conn *conn) (params.ModelConfigResults, error) {
		config, err := ask[params.ModelConfigResults]("ModelConfig", "ModelGet", nil)(conn)
		if !tolerant {
			err = passes(err)
		}
		return config, err
	})
	if err != nil && (!tolerant || fleet.CodeOf(err) != fleet.Other) {
		return c, err
	}
	c.Stream, _ = config.Config["agent-stream"].Value.(string)
	address, _ := config.Config["agent-metadata-url"].Value.(string)
	c.MetadataURL = withoutSecrets(address)
	return c, nil
}

// blocked tells in which models "juju disable-command all" is in force. Only a
// superuser may ask for all models at once. Version 12 of the facade, the newest
// that the linked library knows, always fails on 4.x (index out of range in
// apiserver/facades/client/controller/legacy.go), so that the newest is called by
// number: what is read here has not changed. Where Juju 4 has no answer even to that,
// blocks are not shown; it minds them itself. Of an older one that is an error.
func (r *Reader) blocked(ctx context.Context, c fleet.Controller) (map[string]bool, error) {
	out := make(map[string]bool)
	if !c.Superuser() {
		return out, nil
	}
	const known = 14
	list, err := question(ctx, r.session, key{controller: c.Ref}, func(conn *conn) (params.ModelBlockInfoList, error) {
		var result params.ModelBlockInfoList
		best := conn.newest("Controller", known)
		if best == 0 {
			return result, lacks(conn, "Controller")
		}
		err := base.NewFacadeCallerForVersion(conn, "Controller", best).FacadeCall("ListBlockedModels", nil, &result)
		if c.Version.Major < 4 {
			err = passes(err)
		}
		return result, err
	})
	switch code := fleet.CodeOf(err); {
	case c.Version.Major >= 4 && (code == fleet.Other || code == fleet.Unsupported):
		return out, nil
	case err != nil:
		return nil, errors.Annotate(err, "cannot list command blocks")
	}
	for _, m := range list.Models {
		for _, block := range m.Blocks {
			out[m.UUID] = out[m.UUID] || block == "BlockChange"
		}
	}
	return out, nil
}

// upgrading finds out to where a controller is upgrading itself, by the one call that
// it allows meanwhile. busy is returned when the client does not know that model.
func (r *Reader) upgrading(ctx context.Context, c fleet.Controller, busy error) (fleet.Controller, error) {
	var own string
	r.session.acquainted(c.UUID, func(a *acquaintance) { own = a.model })
	if own == "" {
		own = r.session.cfg.Store.controllerModel(c.Name)
	}
	if own == "" {
		return c, busy
	}
	status, err := r.ModelStatus(ctx, c.Ref, fleet.Ref{UUID: own, Name: "controller"})
	if err != nil {
		return c, err
	}
	c.Upgrading, c.Models = status.Version, nil
	return c, nil
}

// Open implements execute.Watcher. The call is cheap, and everyone may make it.
func (r *Reader) Open(ctx context.Context, controller fleet.Ref) error {
	_, err := read(ctx, r.session, key{controller: controller},
		ask[params.ControllerVersionResults]("Controller", "ControllerVersion", nil))
	return errors.Annotatef(err, "cannot call controller %s", controller.Name)
}

func addressesOf(servers []fleet.Server) [][]string {
	var out [][]string
	for _, server := range servers {
		out = append(out, server.Addresses)
	}
	return out
}

// number reads a version as Juju shows it; zero when it is not one.
func number(s string) version.Number {
	if v, err := version.Parse(s); err == nil {
		return v
	}
	if b, err := version.ParseBinary(s); err == nil {
		return b.Number
	}
	return version.Zero
}
