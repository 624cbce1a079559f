package jujuapi

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/juju/errors"
	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Models implements execute.Watcher. Of what Controller tells of a model, command
// blocks are missing: they are another call.
func (r *Reader) Models(ctx context.Context, controller fleet.Ref) ([]fleet.Model, error) {
	models, err := r.models(ctx, controller)
	return models, errors.Annotatef(err, "cannot list the models of controller %s", controller.Name)
}

// models lists the models of a controller by name: all of them for a superuser, else
// those that the user sees.
func (r *Reader) models(ctx context.Context, controller fleet.Ref) ([]fleet.Model, error) {
	type answer struct {
		params.ModelSummaryResults
		all bool
	}
	summaries, err := read(ctx, r.session, key{controller: controller}, func(c *conn) (answer, error) {
		request := params.ModelSummariesRequest{All: c.ControllerAccess() == fleet.AccessSuperuser}
		if tag := c.AuthTag(); tag != nil {
			request.UserTag = tag.String()
		}
		results, err := ask[params.ModelSummaryResults]("ModelManager", "ListModelSummaries", request)(c)
		return answer{results, request.All}, err
	})
	if err != nil {
		return nil, err
	}
	models := make([]fleet.Model, 0, len(summaries.Results))
	for i, result := range summaries.Results {
		if result.Result == nil {
			r.session.warnOnce(fmt.Sprintf("model %d of %s", i, controller.UUID),
				errors.Errorf("controller %s has a model that it cannot describe: %s", controller.Name, text(result.Error)))
			continue
		}
		m := modelOf(result)
		if m.Access == "" && summaries.all {
			m.Access = fleet.AccessAdmin // 4.x does not repeat it; a superuser may do all
		}
		models = append(models, m)
	}
	slices.SortFunc(models, func(a, b fleet.Model) int {
		return cmp.Or(fleet.CompareNatural(a.Name, b.Name), cmp.Compare(a.UUID, b.UUID))
	})
	return models, nil
}

// ModelAt implements execute.Watcher.
func (r *Reader) ModelAt(ctx context.Context, controller, model fleet.Ref) (fleet.Model, bool, error) {
	info, err := r.session.modelInfo(ctx, controller, model)
	if err != nil {
		return fleet.Model{}, false, errors.Annotatef(err, "cannot look for model %s on %s", model.Name, controller.Name)
	}
	if info.Error == nil {
		return modelFrom(info), true, nil
	}
	// Juju says "unauthorized" of what it does not have, to a superuser too, and
	// "redirection required" of what it had. (3.6, seen)
	switch err := told(info.Error); fleet.CodeOf(err) {
	case fleet.Forbidden, fleet.NotFound, fleet.Moved:
		if !info.superuser {
			// To anybody else it says the same of models that are there.
			return fleet.Model{}, false, &fleet.Problem{Code: fleet.Forbidden, Text: "only a superuser of " + controller.Name + " is told whether it has model " + model.Name}
		}
		return fleet.Model{}, false, nil
	default:
		return fleet.Model{}, false, errors.Annotatef(err, "cannot look for model %s on %s", model.Name, controller.Name)
	}
}

// modelInfo is what a controller tells of one model when it is asked for it.
type modelInfo struct {
	params.ModelInfoResult
	// migrations says that its Migration is one: Juju 4 puts any model there that
	// is busy, such as one that is being imported. (4.x
	// apiserver/facades/client/modelmanager getModelInfo)
	migrations bool
	// superuser says that a superuser was told.
	superuser bool
}

// modelInfo asks for one model. That it is not told of is in the answer.
func (s *Session) modelInfo(ctx context.Context, controller, model fleet.Ref) (modelInfo, error) {
	infos, err := s.modelInfos(ctx, controller, []string{model.UUID})
	if err != nil {
		return modelInfo{}, err
	}
	return infos[0], nil
}

// modelInfos asks for models by their UUIDs, in one call, and returns the answers in
// that order.
func (s *Session) modelInfos(ctx context.Context, controller fleet.Ref, uuids []string) ([]modelInfo, error) {
	var args params.Entities
	for _, uuid := range uuids {
		args.Entities = append(args.Entities, params.Entity{Tag: names.NewModelTag(uuid).String()})
	}
	return read(ctx, s, key{controller: controller}, func(c *conn) ([]modelInfo, error) {
		results, err := ask[params.ModelInfoResults]("ModelManager", "ModelInfo", args)(c)
		if err != nil {
			return nil, err
		}
		if err := asMany(len(uuids), len(results.Results)); err != nil {
			return nil, err
		}
		out := make([]modelInfo, len(uuids))
		for i, result := range results.Results {
			if result.Result == nil && result.Error == nil {
				result.Error = &params.Error{Message: "neither a model nor an error was answered"}
			}
			out[i] = modelInfo{ModelInfoResult: result, migrations: c.version.Major < 4, superuser: c.ControllerAccess() == fleet.AccessSuperuser}
		}
		return out, nil
	})
}

// modelOf translates a summary.
func modelOf(result params.ModelSummaryResult) fleet.Model {
	s := result.Result
	m := fleet.Model{
		Ref:          fleet.Ref{UUID: s.UUID, Name: modelName(s.OwnerTag, s.Name)},
		IsController: s.IsController,
		Type:         typeOf(s.Type),
		Cloud:        cloudOf(s.CloudTag),
		Region:       s.CloudRegion,
		Version:      valueOf(s.AgentVersion),
		Life:         string(s.Life),
		Access:       string(s.UserAccess),
		Condition:    entityCondition(s.Status),
	}
	migrates(&m, s.Migration)
	if result.Error != nil {
		m.Problem = &fleet.Problem{Code: fleet.Other, Text: text(result.Error)}
	}
	return m
}

// modelFrom translates what a superuser is told of one model.
func modelFrom(info modelInfo) fleet.Model {
	s := info.Result
	m := fleet.Model{
		Ref:          fleet.Ref{UUID: s.UUID, Name: modelName(s.OwnerTag, s.Name)},
		IsController: s.IsController,
		Type:         typeOf(s.Type),
		Cloud:        cloudOf(s.CloudTag),
		Region:       s.CloudRegion,
		Version:      valueOf(s.AgentVersion),
		Life:         string(s.Life),
		Access:       fleet.AccessAdmin,
		Condition:    entityCondition(s.Status),
	}
	if info.migrations {
		migrates(&m, s.Migration)
	}
	return m
}

// migrates fills in the latest migration of a model. Of one that failed in the
// import, Juju's text may quote the credential that did.
func migrates(m *fleet.Model, status *params.ModelMigrationStatus) {
	if status == nil {
		return
	}
	said := scrub(strings.TrimSpace(status.Status))
	m.LastMigration = &fleet.Migration{Status: said, Start: valueOf(status.Start), End: valueOf(status.End)}
	if status.End == nil {
		m.Migration = cmp.Or(said, "starting")
	}
}

// modelName is a model's name with its owner.
func modelName(ownerTag, name string) string {
	if owner, err := names.ParseUserTag(ownerTag); err == nil {
		return owner.Id() + "/" + name
	}
	return name
}

func typeOf(modelType string) fleet.ModelType {
	if modelType == string(fleet.CAAS) {
		return fleet.CAAS
	}
	return fleet.IAAS
}

func cloudOf(tag string) string {
	if cloud, err := names.ParseCloudTag(tag); err == nil {
		return cloud.Id()
	}
	return ""
}

func entityCondition(s params.EntityStatus) fleet.Condition {
	return fleet.Condition{Status: string(s.Status), Message: scrub(s.Info), Since: valueOf(s.Since)}
}

// valueOf is what a pointer points to, or nothing.
func valueOf[T any](p *T) T {
	var none T
	if p == nil {
		return none
	}
	return *p
}
