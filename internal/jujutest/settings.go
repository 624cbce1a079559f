package jujutest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/juju/utils/v3"
	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"
)

// What a controller can be configured with, by version: as the real ones told it
// and took it.

// settingKind says what values a setting takes.
type settingKind int

const (
	text settingKind = iota
	size             // "300M"
	whole
	toggle
	duration // "5m", told as it was set; by Juju 4 as Go prints it
	nanos    // of Juju 4: told as a number
	list     // of Juju 4: a string with commas
	space    // the name of a space
	repo     // caas-image-repo
)

// setting is a key of a controller's configuration.
type setting struct {
	key  string
	kind settingKind
	// preset is told when nothing was set; nil when nothing is told.
	preset any
	// may says for Juju up to 3.5, 3.6 and 4 whether it can be set later (S), only at
	// bootstrap (b), or is not known (-).
	may string
}

// settings are all keys that there are, but what tells one controller from another.
// (controller/config.go of each version)
var settings = []setting{
	{"agent-logfile-max-backups", whole, 2, "SSS"},
	{"agent-logfile-max-size", size, "100M", "SSS"},
	{"agent-ratelimit-max", whole, nil, "SSS"},
	{"agent-ratelimit-rate", duration, nil, "SSS"},
	{"allow-model-access", toggle, nil, "bbb"},
	{"api-port", whole, 17070, "bbb"},
	{"api-port-open-delay", duration, "2s", "SS-"},
	{"application-resource-download-limit", whole, nil, "SSS"},
	{"audit-log-capture-args", toggle, false, "SSS"},
	{"audit-log-exclude-methods", list, "ReadOnlyMethods", "SSS"},
	{"audit-log-max-backups", whole, 10, "SSS"},
	{"audit-log-max-size", size, "300M", "SSS"},
	{"auditing-enabled", toggle, true, "SSS"},
	{"autocert-dns-name", text, nil, "bbb"},
	{"autocert-url", text, nil, "bbb"},
	{"ca-cert", text, nil, "bbb"},
	{"caas-image-repo", repo, nil, "SSS"},
	{"caas-operator-image-path", text, nil, "bbb"},
	{"controller-api-port", whole, nil, "SS-"},
	{"controller-name", text, nil, "Sbb"},
	{"controller-resource-download-limit", whole, nil, "SSS"},
	{"controller-uuid", text, nil, "bbb"},
	{"dqlite-busy-timeout", duration, "1s", "--S"},
	{"features", list, nil, "SSS"},
	{"http-server-read-timeout", nanos, 0, "--S"},
	{"http-server-write-timeout", nanos, 0, "--S"},
	{"identity-public-key", text, nil, "bbb"},
	{"identity-url", text, nil, "bbb"},
	{"idle-connection-timeout", nanos, int(30 * time.Second), "--S"},
	{"juju-db-snap-channel", text, "4.4/stable", "bb-"},
	{"juju-ha-space", space, nil, "SS-"},
	{"juju-mgmt-space", space, nil, "SSS"},
	{"jujud-controller-snap-source", text, "legacy", "bbb"},
	{"login-token-refresh-url", text, nil, "bbb"},
	{"max-agent-state-size", whole, 524288, "SSS"},
	{"max-charm-state-size", whole, 2097152, "SSS"},
	{"max-debug-log-duration", duration, "24h0m0s", "SSS"},
	{"max-prune-txn-batch-size", whole, 1000000, "SSS"},
	{"max-prune-txn-passes", whole, 100, "SSS"},
	{"max-txn-log-size", size, "10M", "bbb"},
	{"metering-url", text, "https://api.jujucharms.com/omnibus/v3", "bb-"},
	{"migration-agent-wait-time", duration, "15m0s", "SSS"},
	{"model-logfile-max-backups", whole, 2, "SSS"},
	{"model-logfile-max-size", size, "10M", "SSS"},
	{"model-logs-size", size, "20M", "SS-"},
	{"mongo-memory-profile", text, "default", "SS-"},
	{"prune-txn-query-count", whole, 1000, "SSS"},
	{"prune-txn-sleep-time", duration, "10ms", "SSS"},
	{"public-dns-address", text, nil, "SSS"},
	{"query-tracing-enabled", toggle, false, "SSS"},
	{"query-tracing-threshold", duration, "1s", "SSS"},
	{"set-numa-control-policy", toggle, false, "bbb"},
	{"ssh-max-concurrent-connections", whole, 100, "-SS"},
	{"ssh-server-port", whole, 17022, "-bb"},
	{"state-port", whole, 37017, "bb-"},
	{"system-ssh-keys", text, nil, "--b"},
}

// settingsOf are the settings that a version knows, by key; what it may do with one.
func settingsOf(v version.Number) map[string]setting {
	column := 2
	switch {
	case v.Major < 3 || v.Major == 3 && v.Minor < 6:
		column = 0
	case v.Major == 3:
		column = 1
	}
	known := map[string]setting{}
	for _, s := range settings {
		if s.may = s.may[column : column+1]; s.may != "-" {
			known[s.key] = s
		}
	}
	return known
}

// told is a preset as a version tells it.
func (s setting) told(juju4 bool) any {
	if text, ok := s.preset.(string); ok && s.kind == list && !juju4 {
		return []any{text}
	}
	return s.preset
}

// coerce is a value as it is told after it was set.
func (s setting) coerce(value any, juju4 bool) (any, error) {
	switch s.kind {
	case whole:
		return coerceWhole(s.key, value)
	case toggle:
		return coerceToggle(s.key, value)
	case list:
		return s.coerceList(value, juju4)
	}
	text, ok := value.(string)
	if !ok {
		return nil, apiError("", "%s: expected string, got %T(%v)", s.key, value, value)
	}
	switch s.kind {
	case size:
		if _, err := utils.ParseSize(text); err != nil {
			return nil, apiError("", "invalid %s in configuration: %v", strings.ReplaceAll(s.key, "-", " "), err)
		}
	case duration, nanos:
		d, err := time.ParseDuration(text)
		if err != nil {
			return nil, apiError("", "%s: conversion to duration: %v", s.key, err)
		}
		if s.kind == nanos {
			return int(d), nil
		}
		if juju4 {
			return d.String(), nil
		}
	case space:
		if !juju4 && text != "alpha" && text != "" {
			return nil, apiError(params.CodeNotFound, "invalid config %q=%q: space %q not found", s.key, text, text)
		}
	}
	return text, nil
}

func coerceWhole(key string, value any) (any, error) {
	switch value := value.(type) {
	case int:
		return value, nil
	case float64: // as numbers come
		if value == float64(int(value)) {
			return int(value), nil
		}
	case string:
		if n, err := strconv.Atoi(value); err == nil {
			return n, nil
		}
	}
	return nil, apiError("", "%s: expected number, got %s", key, described(value))
}

func coerceToggle(key string, value any) (any, error) {
	switch value := value.(type) {
	case bool:
		return value, nil
	case string:
		if b, err := strconv.ParseBool(value); err == nil {
			return b, nil
		}
	}
	return nil, apiError("", "%s: expected bool, got %s", key, described(value))
}

func (s setting) coerceList(value any, juju4 bool) (any, error) {
	if juju4 {
		if _, ok := value.(string); !ok {
			return nil, apiError("", "unable to serialize controller config key %q: unknown type %T", s.key, value)
		}
		return value, nil
	}
	if _, ok := value.([]any); !ok {
		return nil, apiError("", "%s: expected list, got %s", s.key, described(value))
	}
	return value, nil
}

// described is a value as Juju's schemas name one that they do not take.
func described(value any) string {
	if text, ok := value.(string); ok {
		return fmt.Sprintf("string(%q)", text)
	}
	return fmt.Sprintf("%T(%v)", value, value)
}
