package jujuapi

import (
	"context"
	"maps"
	"slices"

	"github.com/juju/names/v5"

	"github.com/juju/juju/cloud"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// credentials are what both sides show of the credentials in use, by the ID that
// Juju gives them: cloud/owner/name. They hold secrets: what leaves this file is
// whether two differ, and in which attributes.
type credentials struct {
	// models are those that the source's models use, by the model's UUID.
	models map[string]*params.CloudCredential
	// source and target are those that each side shows to this user.
	source, target map[string]params.CredentialContent
	// hidden are those that the target has and does not show.
	hidden map[string]bool
	// unfinished are those of the target that are not what it will have yet.
	unfinished map[string]bool
}

// credentials asks both sides. Nobody is shown the credentials of others, whatever
// they may do: of those, only the names are told.
// (apiserver/facades/client/cloud CredentialContents)
func (s *Session) credentials(ctx context.Context, source, target fleet.Controller, infos map[string]info, configs map[string]hostedConfig) (*credentials, error) {
	out := &credentials{models: make(map[string]*params.CloudCredential), hidden: make(map[string]bool)}
	used := make(map[string]names.CloudCredentialTag)
	for uuid, i := range infos {
		if tag, err := names.ParseCloudCredentialTag(i.CloudCredentialTag); err == nil {
			used[tag.Id()] = tag
			out.models[uuid] = configs[uuid].credential
		}
	}
	var all []names.CloudCredentialTag
	for _, id := range natural(used) {
		all = append(all, used[id])
	}
	var err error
	if out.source, err = s.ownCredentials(ctx, source, all); err != nil {
		return nil, err
	}
	if target.Planned {
		return out, s.uploaded(target, out)
	}
	if out.target, err = s.ownCredentials(ctx, target, all); err != nil {
		return nil, err
	}
	listed, err := s.listedCredentials(ctx, target, all)
	if err != nil {
		return nil, err
	}
	for _, id := range listed {
		if _, shown := out.target[id]; !shown {
			out.hidden[id] = true
		}
	}
	return out, nil
}

// uploaded adds the credential that a controller will be made with: it is in the
// client's files.
func (s *Session) uploaded(target fleet.Controller, to *credentials) error {
	up := target.Uploads
	if up.Name == "" {
		return nil
	}
	known, err := s.cfg.Store.credentialsFor(up.Cloud)
	if err != nil {
		return err
	}
	credential, ok := known.AuthCredentials[up.Name]
	if !ok {
		return nil
	}
	id := up.String()
	to.target = map[string]params.CredentialContent{
		id: {Name: up.Name, Cloud: up.Cloud, AuthType: string(credential.AuthType()), Attributes: credential.Attributes()},
	}
	to.unfinished = map[string]bool{id: !asStored(typeOfCloud(target, up.Cloud), credential.AuthType())}
	return nil
}

// typeOfCloud is the type of a cloud of a controller; empty when it is not known.
func typeOfCloud(c fleet.Controller, name string) string {
	if c.Holdings == nil {
		return ""
	}
	if known := c.Holdings.Cloud(name); known != nil {
		return known.Type
	}
	return ""
}

// asStored says that a controller gets credentials of this type as they are in the
// client's file. Of the others, "juju bootstrap" makes something else first: it reads a
// file that is named there, logs in, or has a certificate made. For Kubernetes, it
// rewrites those of types that are not used there any more.
// (environs.EnvironProvider FinalizeCredential; caas/kubernetes/cloud
// LegacyCredentialSchemas)
func asStored(cloudType string, t cloud.AuthType) bool {
	if cloudType == cloud.CloudTypeKubernetes {
		return t != cloud.OAuth2WithCertAuthType && t != cloud.CertificateAuthType
	}
	switch t {
	case cloud.EmptyAuthType, cloud.UserPassAuthType, cloud.AccessKeyAuthType, cloud.OAuth1AuthType, cloud.OAuth2AuthType, cloud.HTTPSigAuthType:
		return true
	}
	return false
}

// ownCredentials reads those of the credentials that are the user's own, by ID. One
// that is not there is not in the result.
func (s *Session) ownCredentials(ctx context.Context, c fleet.Controller, all []names.CloudCredentialTag) (map[string]params.CredentialContent, error) {
	args := params.CloudCredentialArgs{IncludeSecrets: true}
	var own []string
	for _, tag := range all {
		if tag.Owner().Id() == c.User {
			args.Credentials = append(args.Credentials, params.CloudCredentialArg{CloudName: tag.Cloud().Id(), CredentialName: tag.Name()})
			own = append(own, tag.Id())
		}
	}
	if len(own) == 0 {
		return nil, nil
	}
	results, err := read(ctx, s, key{controller: c.Ref}, func(c *conn) (params.CredentialContentResults, error) {
		results, err := ask[params.CredentialContentResults]("Cloud", "CredentialContents", args)(c)
		if err == nil {
			err = asMany(len(own), len(results.Results))
		}
		return results, err
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string]params.CredentialContent, len(own))
	for i, result := range results.Results {
		if result.Result != nil {
			out[own[i]] = result.Result.Content
		}
	}
	return out, nil
}

// listedCredentials are the IDs of those of the credentials that a controller has,
// whosever they are.
func (s *Session) listedCredentials(ctx context.Context, c fleet.Controller, all []names.CloudCredentialTag) ([]string, error) {
	var args params.UserClouds
	for _, tag := range all {
		one := params.UserCloud{UserTag: tag.Owner().String(), CloudTag: tag.Cloud().String()}
		if !slices.Contains(args.UserClouds, one) {
			args.UserClouds = append(args.UserClouds, one)
		}
	}
	if len(args.UserClouds) == 0 {
		return nil, nil
	}
	results, err := read(ctx, s, key{controller: c.Ref}, ask[params.StringsResults]("Cloud", "UserCredentials", args))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, result := range results.Results {
		// An error here is that of a cloud which the controller does not have: there
		// is no credential of it, and the cloud is missed by itself.
		for _, name := range result.Result {
			if tag, err := names.ParseCloudCredentialTag(name); err == nil && slices.Contains(all, tag) {
				out = append(out, tag.Id())
			}
		}
	}
	return out, nil
}

// credentialOf names a credential.
func credentialOf(tag string) fleet.Credential {
	parsed, err := names.ParseCloudCredentialTag(tag)
	if err != nil {
		return fleet.Credential{}
	}
	return fleet.Credential{Cloud: parsed.Cloud().Id(), Owner: parsed.Owner().Id(), Name: parsed.Name()}
}

// clash compares a model's credential with the target's of that ID, as the import of
// a model does: the auth type, and all attributes. (state/migration_import.go)
func (c *credentials) clash(model, credentialTag string) *fleet.Clash {
	tag, err := names.ParseCloudCredentialTag(credentialTag)
	if err != nil {
		return nil
	}
	id := tag.Id()
	there, shown := c.target[id]
	if !shown {
		if c.hidden[id] {
			return &fleet.Clash{Hidden: true}
		}
		return nil
	}
	shownHere, own := c.source[id]
	here := params.CredentialContent{AuthType: shownHere.AuthType, Attributes: shownHere.Attributes}
	switch used := c.models[model]; {
	case used != nil:
		here.AuthType, here.Attributes = used.AuthType, used.Attributes
	case !own:
		return &fleet.Clash{Hidden: true}
	}
	out := fleet.Clash{AuthTypes: here.AuthType != there.AuthType}
	for _, name := range slices.Sorted(maps.Keys(either(here.Attributes, there.Attributes))) {
		value, has := here.Attributes[name]
		other, hasToo := there.Attributes[name]
		if has == hasToo && value == other {
			continue
		}
		// A controller shows only attributes that its provider has in the schema: of
		// one that the source does not show either, nothing is known there.
		if _, shows := shownHere.Attributes[name]; own && has && !hasToo && !shows {
			continue
		}
		out.Attributes = append(out.Attributes, name)
	}
	switch {
	case !out.AuthTypes && len(out.Attributes) == 0:
		return nil
	case c.unfinished[id]:
		return &fleet.Clash{Hidden: true}
	}
	return &out
}

// either has the keys of both maps.
func either(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	if out == nil {
		out = make(map[string]string)
	}
	maps.Copy(out, b)
	return out
}
