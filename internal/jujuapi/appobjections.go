package jujuapi

import (
	"context"
	"strings"

	"github.com/juju/juju/core/constraints"
	"github.com/juju/juju/rpc/params"
)

// dryRunsSince is the first version of the facade that can be asked to deploy a charm
// without doing it. Earlier ones do not have the call at all: version 18 answers nothing.
// (apiserver/facades/client/application/application.go APIv18)
const dryRunsSince = 19

// dryRunName is what the applications of dry runs would be called, one after the other:
// a name that nobody has.
const dryRunName = "upgrade-all-dry-run"

// objections fills in, in one call, what the controller says when it is asked, as a dry
// run, to deploy what the channels have: it knows what a charm assumes, which no call tells.
// It cannot send anything but a dry run. What it does not tell is not known, and found out
// by the refresh.
func (r *Reader) objections(ctx context.Context, k key, asked []*inquiry) error {
	var (
		args   params.DeployFromRepositoryArgs
		moving []*inquiry
	)
	for _, q := range asked {
		if release := q.app.Release; release.Problem == nil && len(release.Bases) == 0 && release.Revision > q.app.Revision() {
			args.Args = append(args.Args, q.dryRun())
			moving = append(moving, q)
		}
	}
	if len(moving) == 0 {
		return nil
	}
	results, err := patiently(ctx, len(moving), func(ctx context.Context) (params.DeployFromRepositoryResults, error) {
		return question(ctx, r.session, k, func(c *conn) (params.DeployFromRepositoryResults, error) {
			if c.BestFacadeVersion("Application") < dryRunsSince {
				return params.DeployFromRepositoryResults{}, lacks(c, "Application")
			}
			return ask[params.DeployFromRepositoryResults]("Application", "DeployFromRepository", args)(c)
		})
	})
	if err != nil || len(results.Results) != len(moving) {
		return ctx.Err()
	}
	for i, result := range results.Results {
		for _, objection := range result.Errors {
			if objection != nil && objection.Code == params.CodeNotSupported {
				moving[i].app.Release.Objection = lackedWords(text(objection))
			}
		}
	}
	return nil
}

// dryRun asks for what the application's channel has, as a dry run.
func (q *inquiry) dryRun() params.DeployFromRepositoryArg {
	arch, base, channel := q.app.Arch(), q.origin.Base, q.app.Channel
	return params.DeployFromRepositoryArg{
		DryRun:    true,
		CharmName: q.app.Charm(), ApplicationName: dryRunName,
		Base: &base, Channel: &channel, Cons: constraints.Value{Arch: &arch},
	}
}

// lackedWords are what a model lacks that a charm assumes, in one line. Juju's text begins
// like that of a deployment, where it is of more than one.
func lackedWords(lacking string) string {
	if _, rest, ok := strings.Cut(lacking, "\n"); ok {
		lacking = rest
	}
	lacking = strings.ReplaceAll(strings.TrimPrefix(strings.TrimSpace(lacking), "- "), "\n", " ")
	return strings.Join(strings.Fields(strings.ReplaceAll(lacking, " - ", "; ")), " ")
}
