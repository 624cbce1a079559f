package estate

import "regexp"

// What Juju takes for a name, as github.com/juju/names says it. It is said here
// again because that module brings loggers, clocks and YAML of its own; a test
// of jujutest, which uses both, holds that they are the same.
const (
	number      = `(?:0|[1-9][0-9]*)`
	application = `[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*`
	user        = `[a-zA-Z0-9][a-zA-Z0-9.+-]*[a-zA-Z0-9]`
)

var (
	controllerName  = regexp.MustCompile(`^[a-z0-9]+[a-z0-9-]*$`)
	modelName       = controllerName
	userName        = regexp.MustCompile(`^` + user + `(?:@` + user + `)?$`)
	cloudName       = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]*$`)
	credentialName  = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9.@_+-]*$`)
	applicationName = regexp.MustCompile(`^` + application + `$`)
	unitName        = regexp.MustCompile(`^` + application + `/` + number + `$`)
	agentTag        = regexp.MustCompile(`^(?:machine-` + number + `(?:-[a-z]+-` + number + `)*|unit-` + application + `-` + number + `)$`)
	uuid            = regexp.MustCompile(`^[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}$`)
)
