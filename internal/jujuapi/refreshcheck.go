package jujuapi

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/juju/errors"
	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/core/assumes"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// runsOn compares the bases that a charm names with the application's. Of one that names
// none, as old ones do, the server decides, which has no code for that.
func (j *refresh) runsOn(charm string, manifest *params.CharmManifest) error {
	if manifest == nil || len(manifest.Bases) == 0 {
		return nil
	}
	var supported []params.Base
	for _, b := range manifest.Bases {
		supported = append(supported, params.Base{Name: b.Name, Channel: b.Channel})
	}
	lacking, err := unsupported(j.origin.Base, supported)
	if err == nil && len(lacking) > 0 {
		err = declined(fmt.Sprintf("%s does not support the application's base, %s: only %s", charm, baseName(j.origin.Base), words(lacking)))
	}
	return err
}

// assumed compares what the charm assumes with what the model has. 3.x looks at that, too,
// when the charm is set, and 4.1 only when it is deployed.
func (j *refresh) assumed(ctx context.Context, charm *params.CharmMeta) error {
	if charm == nil || charm.AssumesExpr == nil || charm.AssumesExpr.Expression == nil {
		return nil
	}
	info, err := j.modelInfo(ctx)
	if err != nil {
		return err
	}
	supported, err := featuresOf(info.SupportedFeatures)
	if err != nil || supported == nil {
		return err
	}
	if err := supported.Satisfies(charm.AssumesExpr); err != nil {
		return declined("the model does not have what the charm assumes: " + lackedWords(err.Error()))
	}
	return nil
}

// modelInfo is what the controller tells of the model.
func (j *refresh) modelInfo(ctx context.Context) (*params.ModelInfo, error) {
	info, err := j.session.modelInfo(ctx, j.controller, j.model)
	if err == nil && info.Error != nil {
		err = told(info.Error)
	}
	return info.Result, err
}

// featuresOf are the features that a model tells; nil when it tells none, as servers did
// that did not know of any.
func featuresOf(told []params.SupportedFeature) (*assumes.FeatureSet, error) {
	if len(told) == 0 {
		return nil, nil
	}
	var out assumes.FeatureSet
	for _, one := range told {
		feature := assumes.Feature{Name: one.Name, Description: one.Description}
		if one.Version != "" {
			v, err := version.Parse(one.Version)
			if err != nil {
				return nil, err
			}
			feature.Version = &v
		}
		out.Add(feature)
	}
	return &out, nil
}

// lacking leaves of the resources those that the application does not have yet: setting
// one again would run the hooks of all units again. One that somebody has uploaded
// meanwhile stays.
func (j *refresh) lacking(ctx context.Context, moves bool) error {
	if len(j.Resources) == 0 {
		return nil
	}
	used, err := j.inUse(ctx)
	if err != nil {
		return err
	}
	now := make(map[string]int)
	for _, one := range used {
		now[one.Name] = revisionInUse(one)
	}
	for _, r := range j.Resources {
		if _, has := now[r.Name]; j.juju4 && !has {
			// 4.x sets resources before the charm, of those that its charm has now. (seen)
			return declined(fmt.Sprintf("it has no resource %s yet, and Juju 4 gives it none together with the charm that wants it", r.Name))
		}
	}
	j.Resources = slices.DeleteFunc(slices.Clone(j.Resources), func(r fleet.Resource) bool {
		revision, has := now[r.Name]
		return has && (revision == r.Then || revision < 0)
	})
	if len(j.Resources) == 0 && !moves {
		return &fleet.Problem{Code: fleet.UpToDate, Text: "it has these resources already"}
	}
	return nil
}

// inUse reads the application's resources.
func (j *refresh) inUse(ctx context.Context) ([]params.Resource, error) {
	used, err := j.session.inUse(ctx, j.key(), j.Application)
	if err == nil && used[0].Error != nil {
		err = told(used[0].Error)
	}
	if err != nil {
		return nil, err
	}
	return used[0].Resources, nil
}

// pending readies the resources that are to change, at the revisions of the plan, and
// returns by what IDs they are set together with the charm. 4.x has them in use at once, and
// ignores the IDs: as for "juju refresh", the charm comes after.
func (j *refresh) pending(ctx context.Context, url string, origin params.CharmOrigin, charm *params.CharmMeta) (map[string]string, error) {
	if len(j.Resources) == 0 {
		return nil, nil
	}
	args := params.AddPendingResourcesArgsV2{
		Entity: params.Entity{Tag: names.NewApplicationTag(j.Application).String()}, URL: url, CharmOrigin: origin,
	}
	for _, r := range j.Resources {
		meta, ok := resourceMeta(charm, r.Name)
		if !ok {
			return nil, j.anew(fmt.Sprintf("%s has no resource %s", url, r.Name))
		}
		args.Resources = append(args.Resources, params.CharmResource{
			Name: r.Name, Type: meta.Type, Path: meta.Path, Description: meta.Description, Origin: fromStore, Revision: r.Then,
		})
	}
	added, err := write(ctx, j.session, j.key(), doubting(ask[params.AddPendingResourcesResult]("Resources", "AddPendingResources", args)))
	if err == nil && added.Error != nil {
		err = doubted(added.Error)
	}
	if fleet.CodeOf(err) == fleet.NotFound {
		err = j.anew(err.Error()) // of the resource, not of the application
	}
	if err == nil {
		err = asMany(len(j.Resources), len(added.PendingIDs))
	}
	if err != nil {
		return nil, err
	}
	out := make(map[string]string)
	for i, r := range j.Resources {
		out[r.Name] = added.PendingIDs[i]
	}
	return out, nil
}

func resourceMeta(charm *params.CharmMeta, name string) (params.CharmResourceMeta, bool) {
	if charm == nil {
		return params.CharmResourceMeta{}, false
	}
	meta, ok := charm.Resources[name]
	return meta, ok
}

// inOneLine is a problem whose text is one line: Juju's of charms are lists, in an order
// that is another one each time.
func inOneLine(err error) error {
	var p *fleet.Problem
	if !errors.As(err, &p) || !strings.Contains(p.Text, "\n") {
		return err
	}
	var said, listed []string
	for line := range strings.Lines(strings.TrimRight(p.Text, "\n")) {
		words := strings.Join(strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "- ")), " ")
		if strings.HasPrefix(line, " ") {
			listed = append(listed, words)
		} else {
			said = append(said, words)
		}
	}
	slices.Sort(listed)
	text := strings.TrimSpace(strings.Join(said, " ") + " " + strings.Join(listed, ", "))
	return &fleet.Problem{Code: p.Code, Text: text, Remedy: p.Remedy}
}

// words joins names for people.
func words(names []string) string { return strings.Join(slices.Compact(slices.Clone(names)), ", ") }
