package rules

import (
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// setting says when a key of a controller's configuration may be set.
type setting int

const (
	unknown setting = iota
	// atBootstrap: only when the controller is made.
	atBootstrap
	// anyTime: also later.
	anyTime
)

// configRow is a key of a controller's configuration.
type configRow struct {
	// v3 and v4 are for Juju 3 (and 2.9) and for Juju 4.
	v3, v4 setting
	// since is the first version that knows the key, and until the first that does
	// not any more; zero for all.
	since, until version.Number
	// own says that its value is about the controller itself, its machines, its
	// network or its name, and would be wrong on another one.
	own bool
	// moot says that nobody misses the value on another controller: it is made there
	// anew, or is Juju's own affair, or is told of in another way.
	moot bool
	// untold says that its value is a key or a certificate, or may have a password in
	// it: it is named, and never shown.
	untold bool
}

var (
	v36 = version.Number{Major: 3, Minor: 6}
	v41 = version.Number{Major: 4, Minor: 1}
)

// config are the keys that Juju knows.
// Source: Juju controller/config.go AllowedUpdateConfigAttributes and
// ControllerOnlyConfigAttributes, of 3.5.4, 3.6.11, 4.0 and 4.1-beta2.
var config = map[string]configRow{
	"agent-logfile-max-backups":           {v3: anyTime, v4: anyTime},
	"agent-logfile-max-size":              {v3: anyTime, v4: anyTime},
	"agent-ratelimit-max":                 {v3: anyTime, v4: anyTime},
	"agent-ratelimit-rate":                {v3: anyTime, v4: anyTime},
	"allow-model-access":                  {v3: atBootstrap, v4: atBootstrap},
	"api-port":                            {v3: atBootstrap, v4: atBootstrap},
	"api-port-open-delay":                 {v3: anyTime},
	"application-resource-download-limit": {v3: anyTime, v4: anyTime},
	"audit-log-capture-args":              {v3: anyTime, v4: anyTime},
	"audit-log-exclude-methods":           {v3: anyTime, v4: anyTime},
	"audit-log-max-backups":               {v3: anyTime, v4: anyTime},
	"audit-log-max-size":                  {v3: anyTime, v4: anyTime},
	"auditing-enabled":                    {v3: anyTime, v4: anyTime},
	"autocert-dns-name":                   {v3: atBootstrap, v4: atBootstrap, own: true},
	"autocert-url":                        {v3: atBootstrap, v4: atBootstrap, own: true},
	"ca-cert":                             {v3: atBootstrap, v4: atBootstrap, own: true, moot: true, untold: true},
	"caas-image-repo":                     {v3: anyTime, v4: anyTime, own: true, untold: true},
	"caas-operator-image-path":            {v3: atBootstrap, v4: atBootstrap, own: true},
	"controller-api-port":                 {v3: anyTime, own: true},
	"controller-name":                     {v3: atBootstrap, v4: atBootstrap, own: true, moot: true},
	"controller-resource-download-limit":  {v3: anyTime, v4: anyTime},
	"controller-uuid":                     {v3: atBootstrap, v4: atBootstrap, own: true, moot: true},
	"dqlite-busy-timeout":                 {v4: anyTime},
	"features":                            {v3: anyTime, v4: anyTime},
	"http-server-read-timeout":            {v4: anyTime},
	"http-server-write-timeout":           {v4: anyTime},
	"identity-public-key":                 {v3: atBootstrap, v4: atBootstrap, own: true, moot: true, untold: true},
	"identity-url":                        {v3: atBootstrap, v4: atBootstrap, own: true, moot: true},
	"idle-connection-timeout":             {v4: anyTime},
	"juju-db-snap-channel":                {v3: atBootstrap, own: true, moot: true},
	"juju-ha-space":                       {v3: anyTime, own: true},
	"juju-mgmt-space":                     {v3: anyTime, v4: anyTime, own: true},
	"jujud-controller-snap-source":        {v3: atBootstrap, v4: atBootstrap, own: true, moot: true},
	"login-token-refresh-url":             {v3: atBootstrap, v4: atBootstrap},
	"max-agent-state-size":                {v3: anyTime, v4: anyTime},
	"max-charm-state-size":                {v3: anyTime, v4: anyTime},
	"max-debug-log-duration":              {v3: anyTime, v4: anyTime},
	"max-prune-txn-batch-size":            {v3: anyTime, v4: anyTime},
	"max-prune-txn-passes":                {v3: anyTime, v4: anyTime},
	"max-txn-log-size":                    {v3: atBootstrap, v4: atBootstrap},
	"metering-url":                        {v3: atBootstrap, own: true, moot: true},
	"migration-agent-wait-time":           {v3: anyTime, v4: anyTime},
	"model-logfile-max-backups":           {v3: anyTime, v4: anyTime},
	"model-logfile-max-size":              {v3: anyTime, v4: anyTime},
	"model-logs-size":                     {v3: anyTime},
	"mongo-memory-profile":                {v3: anyTime},
	"object-store-s3-endpoint":            {v4: anyTime, until: v41, own: true},
	"object-store-s3-static-key":          {v4: anyTime, until: v41, own: true, untold: true},
	"object-store-s3-static-secret":       {v4: anyTime, until: v41, own: true, untold: true},
	"object-store-s3-static-session":      {v4: anyTime, until: v41, own: true, untold: true},
	"object-store-type":                   {v4: anyTime, until: v41, own: true},
	"prune-txn-query-count":               {v3: anyTime, v4: anyTime},
	"prune-txn-sleep-time":                {v3: anyTime, v4: anyTime},
	"public-dns-address":                  {v3: anyTime, v4: anyTime, own: true},
	"query-tracing-enabled":               {v3: anyTime, v4: anyTime},
	"query-tracing-threshold":             {v3: anyTime, v4: anyTime},
	"set-numa-control-policy":             {v3: atBootstrap, v4: atBootstrap},
	"ssh-max-concurrent-connections":      {v3: anyTime, v4: anyTime, since: v36},
	"ssh-server-port":                     {v3: atBootstrap, v4: atBootstrap, since: v36, own: true},
	"state-port":                          {v3: atBootstrap, own: true, moot: true},
	"system-ssh-keys":                     {v4: atBootstrap, own: true, untold: true},
}

// settingOf says when a controller of that version lets the key be set.
func settingOf(server version.Number, key string) setting {
	row := config[key]
	series := version.Number{Major: server.Major, Minor: server.Minor} // also of a beta
	switch {
	case row.until != version.Zero && series.Compare(row.until) >= 0:
		return unknown
	case server.Major >= 4:
		return row.v4
	case server.Compare(row.since) < 0:
		return unknown
	}
	return row.v3
}

// KnownConfig says whether a controller of that version has the key at all.
func KnownConfig(server version.Number, key string) bool { return settingOf(server, key) != unknown }

// SettableConfig says whether the key can be set on a controller that exists.
func SettableConfig(server version.Number, key string) bool { return settingOf(server, key) == anyTime }

// ConfigKey says that a controller of some version has the key.
func ConfigKey(key string) bool {
	_, known := config[key]
	return known
}

// TellsConfig says that what the key is set to is no secret, whoever sees it. Of a key
// that Juju has and that is not known here nobody can say that.
func TellsConfig(key string) bool {
	row, known := config[key]
	return known && !row.untold
}

// OwnConfig says that the key's value is a controller's own, and would be wrong on
// another one.
func OwnConfig(key string) bool { return config[key].own }

// BootstrapConfig says whether the key can only be set when a controller of that
// version is made, and is worth to be carried over to it.
func BootstrapConfig(server version.Number, key string) bool {
	return settingOf(server, key) == atBootstrap && !OwnConfig(key)
}

// GivenAtBootstrap says that a controller of that version is made with what another one
// is configured with: that can be set only then, and may be seen by others.
func GivenAtBootstrap(server version.Number, h fleet.Holding) bool {
	return h.Kind == fleet.ConfigItem && !h.Preset && !h.Untold && BootstrapConfig(server, h.Name)
}

// Behind says why a key that somebody has chosen on one controller does not come
// along to another one.
type Behind string

// The reasons.
const (
	// ComesAlong: it does, or nobody misses it.
	ComesAlong Behind = ""
	// UnknownThere: the other one's version does not have the key.
	UnknownThere Behind = "unknown"
	// ItsOwn: the value is about the first one, and would be wrong on the other.
	ItsOwn Behind = "own"
	// AtBootstrapOnly: the other one exists already, and it is too late.
	AtBootstrapOnly Behind = "at-bootstrap-only"
	// InSight: it could only be set in sight of others, and may be a secret.
	InSight Behind = "in-sight"
)

// LeftBehind says why what a controller is configured with does not come along to
// target.
func LeftBehind(target *fleet.Controller, h fleet.Holding) Behind {
	switch {
	case h.Kind == fleet.ModelDefaultItem && !h.Preset && !KnownDefault(target.Version, h.Name):
		return UnknownThere
	case h.Kind != fleet.ConfigItem, h.Preset, config[h.Name].moot, has(target, h, true):
		return ComesAlong
	case !KnownConfig(target.Version, h.Name):
		return UnknownThere
	case OwnConfig(h.Name):
		return ItsOwn
	case SettableConfig(target.Version, h.Name):
		return ComesAlong
	case !target.Planned:
		return AtBootstrapOnly
	case !GivenAtBootstrap(target.Version, h):
		return InSight
	}
	return ComesAlong
}

// has says that target has that item, with the same in it or with something else.
func has(target *fleet.Controller, h fleet.Holding, same bool) bool {
	if target.Holdings == nil {
		return false
	}
	there := target.Holdings.Holding(h.Item)
	return there != nil && (there.Digest == h.Digest) == same
}

// Lacks says that what a controller holds is to be given to target: it can be, and
// target has nothing such, or has it as Juju makes it. Of what target does not tell
// nobody knows that, nor would know it afterwards.
func Lacks(target *fleet.Controller, h fleet.Holding) bool {
	if target.Holdings == nil || slices.Contains(target.Holdings.UnreadItems, h.Kind) || !Clonable(h, target.Version) {
		return false
	}
	there := target.Holdings.Holding(h.Item)
	return there == nil || there.Preset && there.Digest != h.Digest
}

// Differs says that target has what a controller holds with something else in it,
// which somebody there has chosen: it is never overwritten.
func Differs(target *fleet.Controller, h fleet.Holding) bool {
	return Clonable(h, target.Version) && has(target, h, false) && !target.Holdings.Holding(h.Item).Preset
}

// ownAccounts begins the names of the accounts that runs of this tool make for their
// migrations.
const ownAccounts = "upgrade-all-"

// JujusOwnUser says that the user of that name is made by Juju itself, or for a while
// by a run of this tool.
func JujusOwnUser(name string) bool {
	return name == "juju-metrics" || name == "everyone@external" || strings.HasPrefix(name, ownAccounts)
}

// Clonable says whether what a controller holds can be given to one of that version.
func Clonable(h fleet.Holding, target version.Number) bool {
	switch h.Kind {
	case fleet.ConfigItem:
		return !h.Preset && SettableConfig(target, h.Name) && !OwnConfig(h.Name)
	case fleet.CloudAccessItem:
		return !h.Preset && !JujusOwnUser(h.User)
	case fleet.ModelDefaultItem:
		return !h.Preset && KnownDefault(target, h.Name)
	case fleet.CloudItem, fleet.BackendItem:
		return !h.Preset
	}
	return false
}

// notInJuju4 are the defaults for new models that Juju 4 does not know, and
// resource-tags, after which 4.1-beta2 tells no model of that cloud its configuration
// (seen: "comparing uncomparable type").
// Source: the keys that ModelDefaultsForClouds of 3.6.11 and 4.1-beta2 list.
var notInJuju4 = []string{
	"agent-stream", "fan-config", "ignore-machine-addresses", "logforward-enabled", "logging-output",
	"max-status-history-age", "max-status-history-size", "provisioner-harvest-mode", "resource-tags", "secret-backend",
}

// KnownDefault says whether a controller of that version takes the key as a default
// for new models.
func KnownDefault(server version.Number, key string) bool {
	return server.Major < 4 || !slices.Contains(notInJuju4, key)
}
