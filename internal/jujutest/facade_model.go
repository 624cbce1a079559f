package jujutest

import (
	"cmp"
	"slices"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

// modelGet is ModelConfig.ModelGet: of the controller model on a controller connection.
func modelGet(s *session) (params.ModelConfigResults, error) {
	return params.ModelConfigResults{Config: s.model.config()}, nil
}

// config is a model's configuration.
func (m *model) config() map[string]params.ConfigValue {
	config := map[string]params.ConfigValue{}
	set := func(key string, value any, source string) {
		config[key] = params.ConfigValue{Value: value, Source: source}
	}
	set("name", m.name, "model")
	set("type", m.cloudType, "model")
	set("uuid", m.uuid, "model")
	set("agent-version", m.version.String(), "model")
	set("agent-stream", m.stream, "default")
	set("agent-metadata-url", m.controller.spec.MetadataURL, "default")
	set("default-base", "", "default")
	set("fan-config", "", "default")
	set("container-networking-method", "", "default")
	set("secret-backend", "auto", "default")
	if backends := m.backends(); len(backends) > 0 {
		set("secret-backend", backends[0].name, "model")
	}
	// Secrets that clients are shown here in Juju, too.
	set("cloudinit-userdata", "password: canary-userdata", "model")
	set("apt-https-proxy", "https://proxy:canary-proxy-password@proxy.example.com", "model")
	for key, value := range m.spec.Config {
		set(key, value, "model")
	}
	return config
}

// listBlocks is Block.List.
func listBlocks(s *session) (params.BlockResults, error) {
	var out params.BlockResults
	for i, b := range s.model.blocks {
		out.Results = append(out.Results, params.BlockResult{Result: params.Block{
			Id:   string(rune('0' + i)),
			Tag:  names.NewModelTag(s.model.uuid).String(),
			Type: b,
		}})
	}
	return out, nil
}

// switchBlockOn is Block.SwitchBlockOn. The message is not kept.
func switchBlockOn(s *session, args params.BlockSwitchParams) (params.ErrorResult, error) {
	if !s.may(s.model, "write") {
		return params.ErrorResult{}, errPerm()
	}
	if slices.Contains(s.model.blocks, args.Type) {
		return params.ErrorResult{Error: apiFailure(apiError("", "block %s is already ON", args.Type))}, nil
	}
	s.model.blocks = append(s.model.blocks, args.Type)
	s.controller().effects++
	return params.ErrorResult{}, nil
}

// switchBlockOff is Block.SwitchBlockOff.
func switchBlockOff(s *session, args params.BlockSwitchParams) (params.ErrorResult, error) {
	if !s.may(s.model, "write") {
		return params.ErrorResult{}, errPerm()
	}
	if !slices.Contains(s.model.blocks, args.Type) {
		return params.ErrorResult{Error: apiFailure(apiError("", "block %s is already OFF", args.Type))}, nil
	}
	s.model.blocks = slices.DeleteFunc(slices.Clone(s.model.blocks), func(b string) bool { return b == args.Type })
	s.controller().effects++
	return params.ErrorResult{}, nil
}

// listOperations is Action.ListOperations.
func listOperations(s *session, q params.OperationQueryArgs) (params.OperationResults, error) {
	var out params.OperationResults
	for i, a := range s.model.spec.Actions {
		state := cmp.Or(a.Status, "running")
		if len(q.Status) > 0 && !oneOf(state, q.Status...) || len(q.ActionNames) > 0 && !oneOf(a.Name, q.ActionNames...) {
			continue
		}
		started := s.model.since.UTC().Truncate(time.Second)
		id := string(rune('1' + i%9))
		out.Results = append(out.Results, params.OperationResult{
			OperationTag: names.NewOperationTag(id).String(),
			Summary:      a.Name + " run on unit-" + a.Unit,
			Enqueued:     started,
			Started:      started,
			Status:       state,
			Actions: []params.ActionResult{{
				Action: &params.Action{
					Tag:      names.NewActionTag(id).String(),
					Receiver: names.NewUnitTag(a.Unit).String(),
					Name:     a.Name,
				},
				Enqueued: started, Started: started, Status: state,
			}},
		})
	}
	return out, nil
}
