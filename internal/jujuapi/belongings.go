package jujuapi

import (
	"context"
	"slices"
	"strings"

	"github.com/juju/errors"
	"github.com/juju/names/v5"

	"github.com/juju/juju/api/base"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Belongings implements discover.Reader. Calls: the models on both sides, the
// configuration of all models, the source's secret backends unless they are known,
// and of credentials three at most.
func (r *Reader) Belongings(ctx context.Context, source, target fleet.Controller, models []fleet.Model) (map[string]fleet.Belongings, error) {
	out, err := r.belongings(ctx, source, target, models)
	return out, errors.Annotatef(err, "cannot read what models of %s would bring along to %s", source.Name, target.Name)
}

func (r *Reader) belongings(ctx context.Context, source, target fleet.Controller, models []fleet.Model) (map[string]fleet.Belongings, error) {
	if len(models) == 0 {
		return nil, nil
	}
	infos, err := r.infos(ctx, source.Ref, models)
	if err != nil {
		return nil, err
	}
	var there map[string]info
	if !target.Planned {
		if there, err = r.infos(ctx, target.Ref, models); err != nil {
			return nil, err
		}
	}
	configs, err := r.session.hostedConfigs(ctx, source)
	if err != nil {
		return nil, err
	}
	backends, err := r.backendIDs(ctx, source)
	if err != nil {
		return nil, err
	}
	credentials, err := r.session.credentials(ctx, source, target, infos, configs)
	if err != nil {
		return nil, err
	}
	out := make(map[string]fleet.Belongings, len(infos))
	for uuid, info := range infos {
		b := belongingsOf(info, configs[uuid], backends)
		b.Clash = credentials.clash(uuid, info.CloudCredentialTag)
		other, found := there[uuid]
		b.Importing = found && other.model.Importing()
		out[uuid] = b
	}
	return out, nil
}

// info is a model as its controller tells of it.
type info struct {
	params.ModelInfo
	model fleet.Model
}

// infos asks a controller for models, and returns those that it can tell of, by UUID.
func (r *Reader) infos(ctx context.Context, controller fleet.Ref, models []fleet.Model) (map[string]info, error) {
	uuids := make([]string, len(models))
	for i, m := range models {
		uuids[i] = m.UUID
	}
	answers, err := r.session.modelInfos(ctx, controller, uuids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]info, len(answers))
	for i, answer := range answers {
		if answer.Error == nil {
			out[uuids[i]] = info{*answer.Result, modelFrom(answer)}
		}
	}
	return out, nil
}

// backendIDs are the IDs of a controller's secret backends, by their names.
func (r *Reader) backendIDs(ctx context.Context, c fleet.Controller) (map[string]string, error) {
	var backends []fleet.SecretBackend
	if c.Holdings != nil {
		backends = c.Holdings.SecretBackends
	} else {
		list, err := r.session.backends(ctx, c.Ref, false)
		if err != nil {
			return nil, err
		}
		backends = backendsOf(list)
	}
	out := make(map[string]string, len(backends))
	for _, b := range backends {
		out[b.Name] = b.ID
	}
	return out, nil
}

// belongingsOf puts together what was told of a model.
func belongingsOf(i info, config hostedConfig, backends map[string]string) fleet.Belongings {
	out := fleet.Belongings{
		Credential:       credentialOf(i.CloudCredentialTag),
		FanConfig:        config.FanConfig,
		NetworkingMethod: config.NetworkingMethod,
	}
	if owner, err := names.ParseUserTag(i.OwnerTag); err == nil {
		out.Owner = owner.Id()
	}
	out.Credential.Invalid = i.CloudCredentialValidity != nil && !*i.CloudCredentialValidity
	for _, u := range i.Users {
		out.Users = append(out.Users, fleet.ModelUser{Name: strings.TrimSuffix(u.UserName, "@local"), Access: string(u.Access)})
	}
	slices.SortFunc(out.Users, func(a, b fleet.ModelUser) int { return fleet.CompareNatural(a.Name, b.Name) })
	// Juju does not tell a model's users the IDs of backends, but their names
	// (apiserver/facades/client/modelmanager), of which a controller has each once.
	uses := []string{config.SecretBackend}
	for _, b := range i.SecretBackends {
		uses = append(uses, b.Result.Name)
	}
	for _, name := range uses {
		if id, ok := backends[name]; ok && !slices.Contains(out.SecretBackends, id) {
			out.SecretBackends = append(out.SecretBackends, id)
		}
	}
	slices.Sort(out.SecretBackends)
	return out
}

// hostedConfig is the little of a model's configuration that matters here. The rest
// of it is not even decoded.
type hostedConfig struct {
	UUID             string `json:"uuid"`
	FanConfig        string `json:"fan-config"`
	NetworkingMethod string `json:"container-networking-method"`
	SecretBackend    string `json:"secret-backend"`
	// credential is the model's, with its values: nothing of it may leave this
	// package.
	credential *params.CloudCredential
}

// hostedConfigs reads the configuration of all models of a controller, by UUID. A
// model whose cloud cannot be told (no credential, or a refused one) has no
// credential here; one that cannot be read is not here, and neither is any when the
// server does not have the call. As for command blocks, version 12 of the facade
// always fails on 4.x, and later ones differ in nothing that is read here.
func (s *Session) hostedConfigs(ctx context.Context, controller fleet.Controller) (map[string]hostedConfig, error) {
	type results struct {
		Models []struct {
			Config hostedConfig `json:"config"`
			Spec   *struct {
				Credential *params.CloudCredential `json:"credential"`
			} `json:"cloud-spec"`
		} `json:"models"`
	}
	const known = 14
	tolerant := controller.Version.Major >= 4
	all, err := question(ctx, s, key{controller: controller.Ref}, func(c *conn) (results, error) {
		var out results
		best := c.newest("Controller", known)
		if best == 0 {
			return out, lacks(c, "Controller")
		}
		err := base.NewFacadeCallerForVersion(c, "Controller", best).FacadeCall("HostedModelConfigs", nil, &out)
		if !tolerant {
			err = passes(err)
		}
		return out, err
	})
	switch code := fleet.CodeOf(err); {
	case code == fleet.Unsupported, tolerant && code == fleet.Other:
		return nil, nil
	case err != nil:
		return nil, err
	}
	out := make(map[string]hostedConfig, len(all.Models))
	for _, m := range all.Models {
		if m.Spec != nil {
			m.Config.credential = m.Spec.Credential
		}
		out[m.Config.UUID] = m.Config
	}
	return out, nil
}
