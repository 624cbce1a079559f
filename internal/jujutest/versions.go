package jujutest

import (
	"slices"

	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"
)

// facadesOf are the facades that a server of a version offers, as far as clients
// choose by them. Taken from the registration of each version.
func facadesOf(v version.Number) map[string][]int {
	base := map[string][]int{
		"Action": {7}, "Admin": {3}, "Annotations": {2}, "Application": span(15, 22), "ApplicationOffers": {4, 5},
		"Backups": {3}, "Block": {2}, "Bundle": {6}, "Charms": {5, 6, 7}, "Client": {6, 7, 8}, "Cloud": {7},
		"Controller": {11, 12}, "CredentialManager": {1}, "HighAvailability": {2}, "KeyManager": {1},
		"MachineManager": {9, 10}, "MigrationTarget": span(1, 6), "ModelConfig": {3}, "ModelManager": {9, 10},
		"ModelUpgrader": {1}, "Pinger": {1}, "Resources": {3}, "SecretBackends": {1}, "Secrets": {1, 2},
		"Spaces": {6}, "SSHClient": {4, 5}, "Storage": {6, 7}, "Subnets": {5}, "UserManager": {3},
		"AllModelWatcher": {4}, "AllWatcher": {3}, "ModelSummaryWatcher": {1},
	}
	switch {
	case v.Major >= 4:
		for _, gone := range []string{"AllModelWatcher", "AllWatcher"} {
			delete(base, gone)
		}
		base["ApplicationOffers"] = []int{5, 6}
		base["Application"] = span(19, 22)
		base["Bundle"] = []int{8}
		base["Charms"] = []int{7}
		base["Client"] = []int{8}
		base["Cloud"] = []int{7, 8}
		base["Controller"] = span(12, 14)
		base["HighAvailability"] = []int{2, 3}
		base["MachineManager"] = []int{11}
		base["MigrationTarget"] = span(4, 8)
		if v.Minor == 0 {
			base["MigrationTarget"] = span(4, 7)
		}
		base["ModelConfig"] = []int{3, 4}
		base["ModelManager"] = []int{10, 11}
		if !upgraderOnModel(v) {
			base["ModelUpgrader"] = []int{2}
		}
	case v.Major == 3 && v.Minor <= 5:
		base["Application"] = span(15, 20)
		base["Client"] = []int{6, 7}
		base["Controller"] = []int{11}
		base["MigrationTarget"] = span(1, 3)
		base["Storage"] = []int{6}
	case v.Major == 2:
		base["Application"] = span(1, 15)
		base["Client"] = span(1, 6)
		base["ApplicationOffers"] = span(1, 4)
		base["Backups"] = span(1, 3)
		base["Charms"] = span(2, 5)
		base["Cloud"] = span(1, 7)
		base["Resources"] = span(1, 3)
		base["UserManager"] = span(1, 3)
		base["Controller"] = span(3, 11)
		base["MachineManager"] = span(2, 9)
		base["MigrationTarget"] = []int{1, 2}
		base["ModelManager"] = span(2, 9)
		base["ModelConfig"] = span(1, 3)
		base["Storage"] = span(3, 6)
		delete(base, "SecretBackends")
		delete(base, "Secrets")
	}
	return base
}

// upgraderOnModel says whether ModelUpgrader is v1 on a model connection: 4.0.0 to 4.0.11.
func upgraderOnModel(v version.Number) bool {
	return v.Major == 4 && v.Minor == 0 && v.Patch < 12
}

func span(from, to int) []int {
	var list []int
	for i := from; i <= to; i++ {
		list = append(list, i)
	}
	return list
}

// facadeList is what a login answers: the facades that its kind of connection may use.
func facadeList(v version.Number, controllerOnly bool) []params.FacadeVersions {
	var list []params.FacadeVersions
	for name, versions := range facadesOf(v) {
		onController := isControllerFacade(name, v)
		if name == "Admin" || !isCommonFacade(name) && onController != controllerOnly {
			continue
		}
		list = append(list, params.FacadeVersions{Name: name, Versions: versions})
	}
	slices.SortFunc(list, func(a, b params.FacadeVersions) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return list
}

// isControllerFacade and isCommonFacade are apiserver/restrict_controller.go's.
func isControllerFacade(name string, v version.Number) bool {
	if name == "ModelUpgrader" && upgraderOnModel(v) {
		return false
	}
	return oneOf(name, "AllModelWatcher", "ApplicationOffers", "Cloud", "Controller", "CrossController", "MigrationTarget",
		"ModelManager", "ModelUpgrader", "ModelSummaryWatcher", "SecretBackends", "UserManager")
}

func isCommonFacade(name string) bool {
	return oneOf(name, "Pinger", "Bundle", "HighAvailability", "NotifyWatcher", "ModelConfig", "SSHServer")
}

// allowedDuringUpgrade is apiserver/restrict_upgrades.go's.
func allowedDuringUpgrade(facade, method string) bool {
	switch facade {
	case "Client":
		return oneOf(method, "FullStatus", "FindTools", "AbortCurrentUpgrade")
	case "SSHClient":
		return true
	case "Pinger":
		return method == "Ping"
	}
	return false
}

// allowedDuringMigration is apiserver/restrict_migrations.go's.
func allowedDuringMigration(facade, method string) bool {
	switch facade {
	case "Client":
		return method == "FullStatus"
	case "Storage":
		return oneOf(method, "ListFilesystems", "ListVolumes", "ListStorageDetails")
	case "SSHClient":
		return true
	case "Pinger":
		return method == "Ping"
	}
	return false
}

func oneOf(s string, list ...string) bool { return slices.Contains(list, s) }
