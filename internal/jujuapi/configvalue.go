package jujuapi

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/juju/errors"
	"github.com/juju/utils/v3"
	"github.com/juju/version/v2"

	jujucontroller "github.com/juju/juju/controller"
)

// configType says what the values of a key of a controller's configuration are.
type configType int

const (
	textValue configType = iota
	intValue
	boolValue
	durationValue
	sizeValue
	listValue
)

// configTypes are those of the keys that are no plain texts. Juju's own table
// (controller.ConfigSchema) has durations and sizes as texts; the keys of 4.x are not
// in that of the linked library.
var configTypes = map[string]configType{
	jujucontroller.AgentLogfileMaxBackups:           intValue,
	jujucontroller.AgentLogfileMaxSize:              sizeValue,
	jujucontroller.AgentRateLimitMax:                intValue,
	jujucontroller.AgentRateLimitRate:               durationValue,
	jujucontroller.AllowModelAccessKey:              boolValue,
	jujucontroller.APIPort:                          intValue,
	jujucontroller.APIPortOpenDelay:                 durationValue,
	jujucontroller.ApplicationResourceDownloadLimit: intValue,
	jujucontroller.AuditLogCaptureArgs:              boolValue,
	jujucontroller.AuditLogExcludeMethods:           listValue,
	jujucontroller.AuditLogMaxBackups:               intValue,
	jujucontroller.AuditLogMaxSize:                  sizeValue,
	jujucontroller.AuditingEnabled:                  boolValue,
	jujucontroller.ControllerAPIPort:                intValue,
	jujucontroller.ControllerResourceDownloadLimit:  intValue,
	"dqlite-busy-timeout":                           durationValue,
	jujucontroller.Features:                         listValue,
	"http-server-read-timeout":                      durationValue,
	"http-server-write-timeout":                     durationValue,
	"idle-connection-timeout":                       durationValue,
	jujucontroller.MaxAgentStateSize:                intValue,
	jujucontroller.MaxCharmStateSize:                intValue,
	jujucontroller.MaxDebugLogDuration:              durationValue,
	jujucontroller.MaxPruneTxnBatchSize:             intValue,
	jujucontroller.MaxPruneTxnPasses:                intValue,
	jujucontroller.MaxTxnLogSize:                    sizeValue,
	jujucontroller.MigrationMinionWaitMax:           durationValue,
	jujucontroller.ModelLogfileMaxBackups:           intValue,
	jujucontroller.ModelLogfileMaxSize:              sizeValue,
	jujucontroller.ModelLogsSize:                    sizeValue,
	jujucontroller.PruneTxnQueryCount:               intValue,
	jujucontroller.PruneTxnSleepTime:                durationValue,
	jujucontroller.QueryTracingEnabled:              boolValue,
	jujucontroller.QueryTracingThreshold:            durationValue,
	jujucontroller.SetNUMAControlPolicyKey:          boolValue,
	jujucontroller.SSHMaxConcurrentConnections:      intValue,
	jujucontroller.SSHServerPort:                    intValue,
	jujucontroller.StatePort:                        intValue,
}

// configValue is a value of a controller's configuration as one text, the same for
// all ways in which versions of Juju tell it: durations come back as they were set
// (3.x), as Go prints them (4.x) or as numbers of nanoseconds (4.x, some), lists as
// lists or as texts. What is not of the key's type is an error.
func configValue(key string, v any) (string, error) {
	text := strings.TrimSpace(textOf(v))
	if text == "" {
		return "", nil
	}
	wrong := func(what string) (string, error) {
		return text, errors.NotValidf("%s: %s, which the controller tells,", key, what)
	}
	switch configTypes[key] {
	case intValue:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return wrong("a number")
		}
		return strconv.FormatInt(n, 10), nil
	case boolValue:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return wrong("a truth value")
		}
		return strconv.FormatBool(b), nil
	case durationValue:
		d, err := durationOf(v)
		if err != nil {
			return wrong("a duration")
		}
		return d.String(), nil
	case sizeValue:
		size, err := utils.ParseSize(text)
		if err != nil {
			return wrong("a size")
		}
		return strconv.FormatUint(size, 10) + "M", nil
	case listValue:
		return strings.Join(listOf(v), ","), nil
	}
	return text, nil
}

// durationOf reads a duration.
func durationOf(v any) (time.Duration, error) {
	if n, ok := v.(float64); ok {
		if n != math.Trunc(n) {
			return 0, errors.NotValidf("fraction of a nanosecond")
		}
		return time.Duration(n), nil
	}
	return time.ParseDuration(textOf(v))
}

// configToSend is a value as a controller of that version takes it. It must be right:
// 4.1 accepts durations and sizes that it cannot read afterwards, and is lost for good
// with them (seen). Durations are texts everywhere, also where they come back as
// numbers; lists are lists in 3.x, where a text is refused, and texts in 4.x, where a
// list is.
func configToSend(key string, v any, server version.Number) (any, error) {
	text, err := configValue(key, v)
	if err != nil {
		return nil, err
	}
	switch configTypes[key] {
	case intValue:
		n, err := strconv.Atoi(text)
		return n, err
	case boolValue:
		return text == "true", nil
	case listValue:
		if server.Major < 4 {
			return listOf(v), nil
		}
	}
	return text, nil
}
