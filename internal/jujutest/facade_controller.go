package jujutest

import (
	"slices"
	"strings"
	"time"

	"github.com/juju/juju/rpc/params"
)

// allModels is Controller.AllModels.
func allModels(s *session) (params.UserModelList, error) {
	var out params.UserModelList
	if !s.superuser() {
		return out, errPerm()
	}
	for _, m := range s.controller().models {
		out.UserModels = append(out.UserModels, m.userModel())
	}
	return out, nil
}

// qualifiedModel is how Juju 4 tells of a model, which has no owner there.
type qualifiedModel struct {
	Name      string `json:"name"`
	UUID      string `json:"uuid"`
	Type      string `json:"type"`
	Qualifier string `json:"qualifier"`
}

// qualifiedList is Juju 4's UserModelList.
type qualifiedList struct {
	UserModels []qualifiedEntry `json:"user-models"`
}

type qualifiedEntry struct {
	Model          qualifiedModel `json:"model"`
	LastConnection *time.Time     `json:"last-connection"`
}

// allModels4 is Controller.AllModels v13.
func allModels4(s *session) (qualifiedList, error) {
	var out qualifiedList
	if !s.superuser() {
		return out, errPerm()
	}
	for _, m := range s.controller().models {
		out.UserModels = append(out.UserModels, qualifiedEntry{Model: qualifiedModel{Name: m.name, UUID: m.uuid, Type: "iaas", Qualifier: m.owner}})
	}
	return out, nil
}

// listBlockedModels is Controller.ListBlockedModels.
func listBlockedModels(s *session) (params.ModelBlockInfoList, error) {
	var out params.ModelBlockInfoList
	if !s.superuser() {
		return out, errPerm()
	}
	for _, m := range s.controller().models {
		if len(m.blocks) > 0 {
			out.Models = append(out.Models, params.ModelBlockInfo{
				Name: m.name, UUID: m.uuid, OwnerTag: userTag(m.owner), Blocks: slices.Clone(m.blocks),
			})
		}
	}
	slices.SortFunc(out.Models, func(a, b params.ModelBlockInfo) int {
		return strings.Compare(a.Name+"\x00"+a.OwnerTag, b.Name+"\x00"+b.OwnerTag)
	})
	return out, nil
}

// controllerVersion is Controller.ControllerVersion.
func controllerVersion(s *session) (params.ControllerVersionResults, error) {
	return params.ControllerVersionResults{Version: s.server.version.String(), GitCommit: "simulated"}, nil
}

// mongoVersion is Controller.MongoVersion.
func mongoVersion(s *session) (params.StringResult, error) {
	if !s.superuser() {
		return params.StringResult{}, errPerm()
	}
	if s.server.version.Major >= 4 {
		return params.StringResult{}, apiError(params.CodeNotSupported, "mongo version not supported")
	}
	return params.StringResult{Result: "4.4.30"}, nil
}

// identityProviderURL is Controller.IdentityProviderURL.
func identityProviderURL(s *session) (params.StringResult, error) {
	return params.StringResult{Result: s.controller().setting("identity-url")}, nil
}
