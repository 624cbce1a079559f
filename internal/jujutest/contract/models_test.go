package contract_test

import (
	"testing"

	"github.com/juju/names/v5"

	"github.com/juju/juju/api"
	"github.com/juju/juju/rpc/params"
)

// listModels are the UUIDs by OWNER/NAME; the controller model also as "controller".
func listModels(t *testing.T, conn api.Connection, user string) map[string]string {
	t.Helper()
	var list params.UserModelList
	err := conn.APICall("ModelManager", 10, "", "ListModels", params.Entity{Tag: names.NewUserTag(user).String()}, &list)
	if err != nil {
		t.Fatal(err)
	}
	uuids := map[string]string{}
	for _, m := range list.UserModels {
		owner, err := names.ParseUserTag(m.OwnerTag)
		if err != nil {
			t.Fatal(err)
		}
		uuids[owner.Id()+"/"+m.Name] = m.UUID
		if m.Name == "controller" {
			uuids["controller"] = m.UUID
		}
	}
	return uuids
}
