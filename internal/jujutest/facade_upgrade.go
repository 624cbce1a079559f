package jujutest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// upgradeModel is ModelUpgrader.UpgradeModel, in the order of the checks in
// apiserver/facades/client/modelupgrader/upgrader.go.
func upgradeModel(s *session, args params.UpgradeModelParams) (params.UpgradeModelResult, error) {
	var out params.UpgradeModelResult
	c := s.controller()
	tag, err := names.ParseModelTag(args.ModelTag)
	if err != nil {
		return out, apiError("", "%v", err)
	}
	m := c.byUUID[tag.Id()]
	if !s.superuser() && (m == nil || !s.may(m, "write") || m.isController()) {
		return out, errPerm()
	}
	if blocked := c.blocking(s.server.version, m); blocked {
		return out, apiError(params.CodeOperationBlocked, "the operation has been blocked")
	}
	if m == nil {
		return out, apiError(params.CodeNotFound, "model %q not found", tag.Id())
	}
	if m.life != "alive" {
		out.ChosenVersion = args.TargetVersion
		out.Error = &params.Error{Code: params.CodeNotValid, Message: "model is not alive"}
		return out, nil
	}
	target, failed := m.chooseVersion(args.TargetVersion)
	if failed != nil {
		if oneOf(failed.Code, params.CodeNotFound, params.CodeAlreadyExists) {
			out.Error = failed
			return out, nil // with version zero as the chosen one
		}
		return out, failed
	}
	out.ChosenVersion = target
	if objections := m.objections(target); objections != "" {
		out.Error = &params.Error{Code: params.CodeNotSupported, Message: objections}
		return out, nil
	}
	if args.DryRun {
		return out, nil
	}
	if err := m.setVersion(target, args); err != nil {
		return params.UpgradeModelResult{}, err
	}
	return out, nil
}

// blocking says whether a block stops an upgrade. Up to 3.6 it is the controller
// model's that counts for all models; since 4.0.12 it is the model's own.
func (c *controller) blocking(v version.Number, m *model) bool {
	if v.Major >= 4 && !upgraderOnModel(v) {
		return m != nil && slices.Contains(m.blocks, "BlockChange")
	}
	return slices.Contains(c.model().blocks, "BlockChange")
}

// chooseVersion is Juju's choice of the target.
func (m *model) chooseVersion(target version.Number) (version.Number, *params.Error) {
	own := m.controller.version()
	if m.isController() && own.Major >= 4 && target != version.Zero {
		if failed := m.controller.refuse4(target); failed != nil {
			return target, failed
		}
	}
	if !m.isController() {
		if target == version.Zero || target == own {
			return own, nil
		}
		if own.Compare(target.ToPatch()) < 0 {
			return target, &params.Error{Message: fmt.Sprintf(
				"cannot upgrade to a version %q greater than that of the controller %q", target, own)}
		}
	}
	if target != version.Zero && target.Compare(m.version.ToPatch()) <= 0 {
		return target, upToDate()
	}
	if m.onKubernetes() && !m.controller.version4() {
		return m.chooseImage(target)
	}
	offers := m.controller.offered()
	if target != version.Zero {
		if !slices.Contains(offers, target) && m.controller.has(estate.FaultStreams, "") {
			return target, &params.Error{Message: "cannot find agents from simple streams: cannot read index data, attempt count exceeded"}
		}
		if !slices.Contains(offers, target) {
			return target, noMatch()
		}
		return target, nil
	}
	var newest version.Number
	for _, v := range offers {
		if v.Major == m.version.Major && v.Minor == m.version.Minor && v.Compare(newest) > 0 {
			newest = v
		}
	}
	switch {
	case newest == m.version:
		return target, upToDate()
	case newest.Compare(m.version) > 0:
		return newest, nil
	}
	return target, &params.Error{Code: params.CodeNotFound, Message: "available agent binary, upload required"}
}

func upToDate() *params.Error {
	return &params.Error{Code: params.CodeAlreadyExists, Message: "no upgrades available already exists"}
}

func noMatch() *params.Error {
	return &params.Error{Code: params.CodeNotFound, Message: "no matching agent versions available not found"}
}

// refuse4 are the refusals of 4.x of an explicit version, whose texts differ.
func (c *controller) refuse4(target version.Number) *params.Error {
	own := c.version()
	switch {
	case target.Major != own.Major || target.Minor != own.Minor:
		return &params.Error{Code: params.CodeNotSupported,
			Message: "cannot upgrade the controller to a version that is more than a patch version increase"}
	case target.Compare(own) > 0 && !slices.Contains(c.offered(), target):
		return &params.Error{Code: params.CodeNotFound,
			Message: fmt.Sprintf("controller agent binaries are not available for version %q", target)}
	}
	return nil
}

// offered are the versions that the controller's streams and its own store have.
func (c *controller) offered() []version.Number {
	var list []version.Number
	for _, v := range c.offers {
		if !c.has(estate.FaultHideAgents, v.String()) && !c.has(estate.FaultStreams, "") {
			list = append(list, v)
		}
	}
	for v := range c.binaries {
		list = append(list, v)
	}
	return list
}

// objections is the text of Juju's validation, empty if it has none.
func (m *model) objections(target version.Number) string {
	var lines []string
	add := func(of *model, reasons []string) {
		if len(reasons) > 0 {
			line := fmt.Sprintf("%q:", of.fullName())
			for _, reason := range reasons {
				line += "\n- " + reason
			}
			lines = append(lines, line)
		}
	}
	if !m.isController() {
		add(m, m.spec.Objections)
	} else {
		add(m, m.controller.ownObjections(target))
		for _, hosted := range m.controller.models[1:] {
			if hosted.life != "alive" {
				continue
			}
			reasons := slices.Clone(hosted.spec.Objections)
			if hosted.migration != nil && hosted.migration.exporting {
				reasons = append(reasons, `model is under "exporting" mode, upgrade blocked`)
			}
			if hosted.importing {
				reasons = append(reasons, `model is under "importing" mode, upgrade blocked`)
			}
			add(hosted, reasons)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return fmt.Sprintf("cannot upgrade to %q due to issues with these models:\n%s", target, strings.Join(lines, "\n"))
}

func (c *controller) ownObjections(target version.Number) []string {
	var reasons []string
	own := c.version()
	if target.Major != own.Major || target.Minor != own.Minor {
		reasons = append(reasons, fmt.Sprintf("upgrading a controller to a newer major.minor version %d.%d not supported", target.Major, target.Minor))
	}
	for _, s := range c.servers {
		for _, f := range c.faults.list {
			if f.Kind == estate.FaultDatabaseDown && (f.All || f.Server == s.index) {
				reasons = append(reasons, fmt.Sprintf("unable to upgrade, database node %d (%s) has state DOWN", s.index+1, s.addr()))
			}
		}
	}
	return reasons
}

// setVersion is State.SetModelAgentVersion: the version flips at once, agents follow.
func (m *model) setVersion(target version.Number, args params.UpgradeModelParams) error {
	c := m.controller
	if u := c.upgrade; u != nil && u.phase >= phaseWindow {
		return apiError(params.CodeUpgradeInProgress, "upgrade in progress")
	}
	if target == m.version {
		return nil
	}
	if c.version().Major >= 4 || !args.IgnoreAgentVersions && !m.onKubernetes() {
		if behind := m.lagging(target); len(behind) > 0 {
			return apiError("", "some agents have not upgraded to the current model version %s: %s",
				m.version, strings.Join(behind, ", "))
		}
	}
	m.version = target
	if args.AgentStream != "" {
		m.stream = args.AgentStream
	}
	c.effects++
	if m.isController() {
		c.world.beginUpgrade(c, target)
		return nil
	}
	c.world.moveAgents(m)
	return nil
}

// lagging are the agents at neither the model's version nor the target.
func (m *model) lagging(target version.Number) []string {
	var tags []string
	for tag, a := range m.agents {
		if a.version != m.version && a.version != target {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	return tags
}

// abortHandler is ModelUpgrader.AbortModelUpgrade: nothing that is tested here sends it.
func abortHandler() handler {
	return command(func(*session, params.ModelParam) error {
		return apiError(params.CodeNotSupported, "aborting model upgrades is not supported")
	})
}
