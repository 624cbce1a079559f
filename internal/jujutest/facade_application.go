package jujutest

import (
	"maps"
	"slices"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

// applicationHandlers are of a model's applications, as far as charms are concerned.
func applicationHandlers() served {
	return served{"Application": {
		"ApplicationsInfo":     method(applicationsInfo),
		"DeployFromRepository": method(deployFromRepository),
		"Get":                  method(getApplication),
		"GetCharmURLOrigin":    method(getCharmURLOrigin),
		"ResolveUnitErrors":    method(resolveUnitErrors),
		"SetCharm":             command(setCharm),
	}}
}

// getCharmURLOrigin is Application.GetCharmURLOrigin. Juju 3 wants write access for it.
func getCharmURLOrigin(s *session, args params.ApplicationGet) (params.CharmURLOriginResult, error) {
	var out params.CharmURLOriginResult
	access := "write"
	if s.controller().version4() {
		access = "read"
	}
	if !s.may(s.model, access) {
		return out, errPerm()
	}
	app, err := s.model.application(args.ApplicationName)
	if err != nil {
		out.Error = apiFailure(err)
		return out, nil
	}
	out.URL, out.Origin = app.charm.url, app.origin()
	out.Origin.InstanceKey = uuidFrom("instance " + s.model.uuid + app.name)
	return out, nil
}

// getApplication is Application.Get.
func getApplication(s *session, args params.ApplicationGet) (params.ApplicationGetResults, error) {
	var out params.ApplicationGetResults
	if !s.may(s.model, "read") {
		return out, errPerm()
	}
	app, err := s.model.application(args.ApplicationName)
	if err != nil {
		return out, err
	}
	return params.ApplicationGetResults{
		Application: app.name, Charm: app.charm.name, CharmConfig: map[string]any{}, ApplicationConfig: map[string]any{},
		Base: baseOf(app.charm.base), Channel: app.charm.channel, EndpointBindings: map[string]string{"": "alpha"},
	}, nil
}

// applicationsInfo is Application.ApplicationsInfo.
func applicationsInfo(s *session, args params.Entities) (params.ApplicationInfoResults, error) {
	var out params.ApplicationInfoResults
	for _, entity := range args.Entities {
		tag, err := names.ParseApplicationTag(entity.Tag)
		if err != nil {
			out.Results = append(out.Results, params.ApplicationInfoResult{Error: apiFailure(apiError("", "%v", err))})
			continue
		}
		details, err := getApplication(s, params.ApplicationGet{ApplicationName: tag.Id()})
		if err != nil {
			out.Results = append(out.Results, params.ApplicationInfoResult{Error: apiFailure(err)})
			continue
		}
		app, err := s.model.application(tag.Id())
		if err != nil {
			return out, err
		}
		out.Results = append(out.Results, params.ApplicationInfoResult{Result: &params.ApplicationResult{
			Tag: tag.String(), Charm: details.Charm, Base: details.Base, Channel: details.Channel, Principal: !app.subordinate,
			Life: "alive", EndpointBindings: details.EndpointBindings,
		}})
	}
	return out, nil
}

// setCharm is Application.SetCharm. Each version of Juju looks at what is wrong in its
// own order. (apiserver/facades/client/application/application.go of both)
func setCharm(s *session, args params.ApplicationSetCharm) error {
	m := s.model
	if !s.may(m, "write") {
		return errPerm()
	}
	invalid, blocked := invalidOrigin(args.CharmOrigin), m.blocked(args.ForceUnits)
	first, second := invalid, blocked
	if s.controller().version4() {
		first, second = blocked, invalid
	}
	if first != nil {
		return first
	}
	if second != nil {
		return second
	}
	app, err := m.application(args.ApplicationName)
	if err != nil {
		return err
	}
	known, there := m.charms[args.CharmURL]
	if !there {
		return apiError(params.CodeNotFound, "charm %q not found", args.CharmURL)
	}
	if err := m.unsuited(app, known, args); err != nil {
		return err
	}
	resources, err := m.takePending(app, args.ResourceIDs)
	if err != nil {
		return err
	}
	m.install(app, known, resources, args)
	s.controller().effects++
	return nil
}

// deployFromRepository is Application.DeployFromRepository, as a dry run alone: nothing is
// deployed here. Of what it looks at, only what a charm assumes is simulated.
func deployFromRepository(s *session, args params.DeployFromRepositoryArgs) (params.DeployFromRepositoryResults, error) {
	var out params.DeployFromRepositoryResults
	if !s.may(s.model, "write") {
		return out, errPerm()
	}
	for _, arg := range args.Args {
		if !arg.DryRun {
			return out, apiError(params.CodeNotImplemented, "the simulation deploys nothing")
		}
		out.Results = append(out.Results, s.dryDeploy(arg))
	}
	return out, nil
}

func (s *session) dryDeploy(arg params.DeployFromRepositoryArg) params.DeployFromRepositoryResult {
	var out params.DeployFromRepositoryResult
	origin := params.CharmOrigin{Source: "charm-hub", Type: "charm", Architecture: deref(arg.Cons.Arch)}
	if arg.Base != nil {
		origin.Base = *arg.Base
	}
	follow(&origin, deref(arg.Channel))
	found, err := s.controller().resolve(arg.CharmName, origin)
	if err != nil {
		out.Errors = append(out.Errors, apiFailure(err))
		return out
	}
	meta, err := knownCharm{name: arg.CharmName, content: found.entity.revision}.meta()
	if err == nil && meta.AssumesExpr != nil {
		features := s.model.features()
		err = features.Satisfies(meta.AssumesExpr)
	}
	if err != nil {
		out.Errors = append(out.Errors, &params.Error{Code: params.CodeNotSupported, Message: err.Error()})
	}
	return out
}

// invalidOrigin is apiserver/common's ValidateCharmOrigin.
func invalidOrigin(o *params.CharmOrigin) error {
	switch {
	case o == nil:
		return apiError(params.CodeBadRequest, "charm origin source required")
	case o.Source == "local":
		return nil
	case o.Source != "charm-hub":
		return apiError(params.CodeBadRequest, "%q not a valid charm origin source", o.Source)
	case (o.ID == "") != (o.Hash == ""):
		return apiError(params.CodeBadRequest, "programming error, both CharmOrigin ID and Hash must be set or neither. See CharmHubRepository GetDownloadURL.")
	}
	return nil
}

// blocked is the refusal of a model on which all changes are blocked.
func (m *model) blocked(force bool) error {
	if force || !slices.Contains(m.blocks, "BlockChange") {
		return nil
	}
	return apiError(params.CodeOperationBlocked, "the operation has been blocked")
}

// unsuited is why a charm is none for an application.
func (m *model) unsuited(app *application, k knownCharm, args params.ApplicationSetCharm) error {
	if !m.controller.version4() && !args.Force {
		meta, err := k.meta()
		if err != nil {
			return apiError("", "%v", err)
		}
		if err := m.features().Satisfies(meta.AssumesExpr); meta.AssumesExpr != nil && err != nil {
			return apiError(params.CodeNotSupported, "%v", err)
		}
	}
	if m.onKubernetes() && !sameNames(m.charms[app.charm.url].content.Storage, k.content.Storage) {
		return apiError(params.CodeNotSupported, "Juju on containers does not support updating storage on a statefulset.")
	}
	base := baseName(args.CharmOrigin.Base)
	switch {
	case args.ForceBase:
	case m.controller.version4(): // it compares what it is told alone (seen on 4.1-beta2)
		if base != "" && base != app.charm.base {
			return apiError(codeIncompatibleBase, "cannot set charm %q: refreshing application from base %q to %q", args.CharmURL, app.charm.base, base)
		}
	case args.CharmURL != app.charm.url && !k.supports(app.charm.base):
		return apiError("", "updating charm config: base %q not supported by charm, the charm supported bases are: %v", app.charm.base, k.content.Bases)
	}
	return nil
}

// codeIncompatibleBase is params.CodeIncompatibleBase of Juju 4.
const codeIncompatibleBase = "incompatible base"

// takePending are the resources that an application is to have with its next charm. They
// are taken once. Juju 4 does not look at them: there they are in force since they came.
func (m *model) takePending(app *application, ids map[string]string) (map[string]resource, error) {
	taken := map[string]resource{}
	if m.controller.version4() {
		return taken, nil
	}
	for _, name := range sortedNames(ids) {
		p, there := m.pending[ids[name]]
		if !there || p.app != app.name || p.name != name {
			return nil, apiError(params.CodeNotFound, "updating charm config: pending resource \"%s/%s\" (%s) not found", app.name, name, ids[name])
		}
		taken[name] = p.resource
	}
	for _, id := range ids {
		delete(m.pending, id)
	}
	return taken, nil
}

// install gives an application another charm, or other resources. Where neither is new,
// units have nothing to do; those of Juju 4 run their hooks all the same. (read of 4.1-beta2)
func (m *model) install(app *application, k knownCharm, resources map[string]resource, args params.ApplicationSetCharm) {
	c := &app.charm
	moved := args.CharmURL != c.url
	c.name, c.url, c.revision = k.name, args.CharmURL, k.revision
	c.id, c.hash, c.channel = args.CharmOrigin.ID, args.CharmOrigin.Hash, ""
	if isStored(args.CharmURL) {
		c.channel = channelOf(*args.CharmOrigin)
	}
	if base := baseName(args.CharmOrigin.Base); base != "" {
		c.base = base
	}
	if len(resources) > 0 {
		merged := maps.Clone(c.resources)
		maps.Copy(merged, resources)
		c.resources = merged
	}
	if moved || len(resources) > 0 || m.controller.version4() {
		c.modified++
		m.controller.world.charmChanged(m, app)
	}
}

// resolveUnitErrors is Application.ResolveUnitErrors.
func resolveUnitErrors(s *session, args params.UnitsResolved) (params.ErrorResults, error) {
	var out params.ErrorResults
	m, w := s.model, s.world()
	if !s.may(m, "write") {
		return out, errPerm()
	}
	if err := m.blocked(false); err != nil {
		return out, err
	}
	if args.All {
		for _, u := range m.units() {
			if m.unitStatus(u).WorkloadStatus.Status == "error" {
				w.resolveUnit(m, u, args.Retry)
				s.controller().effects++
			}
		}
	}
	for _, entity := range args.Tags.Entities {
		result := params.ErrorResult{}
		i := slices.IndexFunc(m.units(), func(u *unit) bool { return u.tag == entity.Tag })
		switch {
		case i < 0:
			result.Error = apiFailure(apiError(params.CodeNotFound, "unit %q not found", entity.Tag))
		case m.unitStatus(m.units()[i]).WorkloadStatus.Status != "error":
			result.Error = apiFailure(apiError("", "unit %q is not in an error state", m.units()[i].name))
		default:
			w.resolveUnit(m, m.units()[i], args.Retry)
			s.controller().effects++
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}
