package jujuapi

import (
	"strconv"
	"strings"
	"time"

	jujucontroller "github.com/juju/juju/controller"
)

// presetConfig says whether a controller has that value by itself: it is Juju's
// default, or there is none. The defaults of 3.5, 3.6 and 4.1 do not differ.
// (controller/config.go)
func presetConfig(key, value string) bool {
	return value == presetValues()[key]
}

// presetValues are Juju's defaults, as configValue tells them.
func presetValues() map[string]string {
	size := func(mb int) string { return strconv.Itoa(mb) + "M" }
	return map[string]string{
		jujucontroller.AgentLogfileMaxBackups:           strconv.Itoa(jujucontroller.DefaultAgentLogfileMaxBackups),
		jujucontroller.AgentLogfileMaxSize:              size(jujucontroller.DefaultAgentLogfileMaxSize),
		jujucontroller.AgentRateLimitMax:                strconv.Itoa(jujucontroller.DefaultAgentRateLimitMax),
		jujucontroller.AgentRateLimitRate:               jujucontroller.DefaultAgentRateLimitRate.String(),
		jujucontroller.AllowModelAccessKey:              "false",
		jujucontroller.APIPort:                          strconv.Itoa(jujucontroller.DefaultAPIPort),
		jujucontroller.APIPortOpenDelay:                 jujucontroller.DefaultAPIPortOpenDelay.String(),
		jujucontroller.ApplicationResourceDownloadLimit: strconv.Itoa(jujucontroller.DefaultApplicationResourceDownloadLimit),
		jujucontroller.AuditLogCaptureArgs:              strconv.FormatBool(jujucontroller.DefaultAuditLogCaptureArgs),
		jujucontroller.AuditLogExcludeMethods:           strings.Join(jujucontroller.DefaultAuditLogExcludeMethods, ","),
		jujucontroller.AuditLogMaxBackups:               strconv.Itoa(jujucontroller.DefaultAuditLogMaxBackups),
		jujucontroller.AuditLogMaxSize:                  size(jujucontroller.DefaultAuditLogMaxSizeMB),
		jujucontroller.AuditingEnabled:                  strconv.FormatBool(jujucontroller.DefaultAuditingEnabled),
		jujucontroller.ControllerResourceDownloadLimit:  strconv.Itoa(jujucontroller.DefaultControllerResourceDownloadLimit),
		"dqlite-busy-timeout":                           time.Second.String(),
		"http-server-read-timeout":                      time.Duration(0).String(),
		"http-server-write-timeout":                     time.Duration(0).String(),
		"idle-connection-timeout":                       (30 * time.Second).String(),
		jujucontroller.JujuDBSnapChannel:                jujucontroller.DefaultJujuDBSnapChannel,
		jujucontroller.JujudControllerSnapSource:        jujucontroller.DefaultJujudControllerSnapSource,
		jujucontroller.MaxAgentStateSize:                strconv.Itoa(jujucontroller.DefaultMaxAgentStateSize),
		jujucontroller.MaxCharmStateSize:                strconv.Itoa(jujucontroller.DefaultMaxCharmStateSize),
		jujucontroller.MaxDebugLogDuration:              jujucontroller.DefaultMaxDebugLogDuration.String(),
		jujucontroller.MaxPruneTxnBatchSize:             strconv.Itoa(jujucontroller.DefaultMaxPruneTxnBatchSize),
		jujucontroller.MaxPruneTxnPasses:                strconv.Itoa(jujucontroller.DefaultMaxPruneTxnPasses),
		jujucontroller.MaxTxnLogSize:                    size(jujucontroller.DefaultMaxTxnLogCollectionMB),
		jujucontroller.MeteringURL:                      "https://api.jujucharms.com/omnibus/v3",
		jujucontroller.MigrationMinionWaitMax:           jujucontroller.DefaultMigrationMinionWaitMax.String(),
		jujucontroller.ModelLogfileMaxBackups:           strconv.Itoa(jujucontroller.DefaultModelLogfileMaxBackups),
		jujucontroller.ModelLogfileMaxSize:              size(jujucontroller.DefaultModelLogfileMaxSize),
		jujucontroller.ModelLogsSize:                    size(jujucontroller.DefaultModelLogsSizeMB),
		jujucontroller.MongoMemoryProfile:               jujucontroller.DefaultMongoMemoryProfile,
		"object-store-type":                             "file",
		jujucontroller.PruneTxnQueryCount:               strconv.Itoa(jujucontroller.DefaultPruneTxnQueryCount),
		jujucontroller.PruneTxnSleepTime:                jujucontroller.DefaultPruneTxnSleepTime.String(),
		jujucontroller.QueryTracingEnabled:              strconv.FormatBool(jujucontroller.DefaultQueryTracingEnabled),
		jujucontroller.QueryTracingThreshold:            jujucontroller.DefaultQueryTracingThreshold.String(),
		jujucontroller.SetNUMAControlPolicyKey:          strconv.FormatBool(jujucontroller.DefaultNUMAControlPolicy),
		jujucontroller.SSHMaxConcurrentConnections:      strconv.Itoa(jujucontroller.DefaultSSHMaxConcurrentConnections),
		jujucontroller.SSHServerPort:                    strconv.Itoa(jujucontroller.DefaultSSHServerPort),
		jujucontroller.StatePort:                        strconv.Itoa(jujucontroller.DefaultStatePort),
	}
}
