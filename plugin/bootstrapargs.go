package plugin

import (
	"regexp"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// takes says what an option of "juju bootstrap" is given.
type takes int

const (
	nothing takes = iota
	// aValue: one word.
	aValue
	// settings: KEY=VALUE, or a file of such.
	settings
	// aPath: a file or a directory.
	aPath
	// aCharm: a file where it begins as one, else a charm's name.
	aCharm
)

// bootstrapOption is what is known of an option of "juju bootstrap".
type bootstrapOption struct {
	takes takes
	// refused is why the run does not pass it on; empty when it does.
	refused string
}

const (
	makesNothing  = "with it, juju makes no controller"
	otherVersion  = "the controller would not be of the client's version, which is what is planned"
	runSwitches   = "the run has this client follow the models when these have moved"
	runNamesIt    = "the run names the new controller: use --bootstrap-name"
	runKeepsThere = "the run says so where the cloud makes no machines, and only there: Juju's clean-up would end what it finds on them"
)

// bootstrapOptions are the options of "juju bootstrap".
// Source: Juju cmd/juju/commands/bootstrap.go SetFlags, of 2.9 to 4.1-beta2, and those
// of all juju commands.
var bootstrapOptions = map[string]bootstrapOption{
	"add-model":                {takes: aValue},
	"agent-version":            {takes: aValue}, // the client's own: ownVersion
	"auto-upgrade":             {refused: otherVersion},
	"B":                        {},
	"bootstrap-base":           {takes: aValue},
	"bootstrap-constraints":    {takes: aValue},
	"bootstrap-image":          {takes: aValue},
	"bootstrap-series":         {takes: aValue},
	"build-agent":              {refused: otherVersion},
	"c":                        {takes: aValue, refused: runNamesIt},
	"clouds":                   {refused: makesNothing},
	"config":                   {takes: settings},
	"constraints":              {takes: aValue},
	"controller":               {takes: aValue, refused: runNamesIt},
	"controller-charm-channel": {takes: aValue},
	"controller-charm-path":    {takes: aCharm},
	"controller-charm-risk":    {takes: aValue},
	"credential":               {takes: aValue},
	"db-snap":                  {takes: aPath},
	"db-snap-asserts":          {takes: aPath},
	"debug":                    {},
	"description":              {refused: makesNothing},
	"force":                    {},
	"h":                        {refused: makesNothing},
	"help":                     {refused: makesNothing},
	"keep-broken":              {refused: runKeepsThere},
	"logging-config":           {takes: aValue},
	"m":                        {takes: aValue, refused: runNamesIt},
	"metadata-source":          {takes: aPath},
	"model":                    {takes: aValue, refused: runNamesIt},
	"model-default":            {takes: settings},
	"no-browser-login":         {},
	"no-dashboard":             {},
	"no-default-model":         {},
	"no-gui":                   {},
	"no-switch":                {refused: runSwitches},
	"q":                        {},
	"quiet":                    {},
	"regions":                  {takes: aValue, refused: makesNothing},
	"show-log":                 {},
	"storage-pool":             {takes: settings},
	"switch":                   {refused: runSwitches},
	"to":                       {takes: aValue},
	"v":                        {},
	"verbose":                  {},
	"version":                  {refused: makesNothing},
}

// bootstrapArgument is an option as it is passed on.
type bootstrapArgument struct {
	// name is without dashes.
	name string
	bootstrapOption
	// value is what it is given, in the word with that index; prefix is what that word
	// has before it.
	value, prefix string
	word          int
}

// file is the path that the argument names; empty when it names none.
func (a bootstrapArgument) file() string {
	switch {
	case a.takes == aPath, a.takes == settings && !strings.Contains(a.value, "="):
		return a.value
	case a.takes == aCharm && (strings.HasPrefix(a.value, "/") || strings.HasPrefix(a.value, "./") || strings.HasPrefix(a.value, "../")):
		return a.value // cmd/juju/application/refresher IsLocalURL
	}
	return ""
}

// bootstrapArguments understands what is to be passed on to "juju bootstrap", as juju
// itself does, and refuses what contradicts the plan: juju would say so when the source
// is patched already, or would make another controller than is planned.
func bootstrapArguments(words []string) ([]bootstrapArgument, error) {
	var out []bootstrapArgument
	for i := 0; i < len(words); i++ {
		a, err := bootstrapArgumentAt(words, i)
		if err != nil {
			return nil, err
		}
		if a.refused != "" {
			return nil, fleet.BadInput("--bootstrap-arg %s cannot be passed on: %s", dashed(a.name), a.refused)
		}
		if err := a.open(); err != nil {
			return nil, err
		}
		out, i = append(out, a), a.word
	}
	return out, nil
}

// bootstrapArgumentAt reads the option that begins with that word. No error quotes a
// word that is no option: it may be a secret.
func bootstrapArgumentAt(words []string, i int) (bootstrapArgument, error) {
	if !looksLikeOption(words[i]) {
		return bootstrapArgument{}, fleet.BadInput("the --bootstrap-arg number %d is neither an option of 'juju bootstrap' nor the value of one: cloud, region and name are given with --bootstrap and --bootstrap-name", i+1)
	}
	name, value, given := strings.Cut(strings.TrimLeft(words[i], "-"), "=")
	option, known := bootstrapOptions[name]
	a := bootstrapArgument{name: name, bootstrapOption: option, word: i}
	if !known {
		a.takes = aValue
	}
	switch {
	case given:
		a.value, a.prefix = value, dashed(name)+"="
	case a.takes == nothing, !known && (i+1 == len(words) || looksLikeOption(words[i+1])):
	case i+1 == len(words) && option.refused == "":
		return a, fleet.BadInput("--bootstrap-arg %s lacks what it is set to", dashed(name))
	case i+1 < len(words):
		a.value, a.word = words[i+1], i+1
	}
	return a, nil
}

var optionWord = regexp.MustCompile(`^(-[A-Za-z]|--[a-z][a-z0-9-]+)(=|$)`)

func looksLikeOption(word string) bool { return optionWord.MatchString(word) }

// dashed is an option as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// open refuses secrets: arguments are in the plan and in the journal, and while juju
// runs, every user of this machine sees them.
func (a bootstrapArgument) open() error {
	if a.takes != settings {
		if holdsSecret(a.value) {
			return fleet.BadInput("--bootstrap-arg %s has what may be a password or a key, which others could read: it cannot be passed on", dashed(a.name))
		}
		return nil
	}
	key, value, isOne := strings.Cut(a.value, "=")
	if isOne && (isSecret(key) || !rules.TellsConfig(key) && isStructured(value) || holdsSecret(value)) {
		return fleet.BadInput("--bootstrap-arg has the value of %s, which is or may hold a secret that others could read: put it into a file and pass on %s=FILE", key, dashed(a.name))
	}
	return nil
}

// secretKeys are in the names of keys whose values are secrets.
var secretKeys = []string{"secret", "password", "private-key", "host-key", "client-key", "access-key", "static-key", "session", "token", "credential"}

// isSecret says that what the key is set to is a secret. One that ends so names a file.
func isSecret(key string) bool {
	return !rules.TellsConfig(key) && !strings.HasSuffix(key, "-path") &&
		slices.ContainsFunc(secretKeys, func(part string) bool { return strings.Contains(key, part) })
}

// isStructured says that the value is more than one: JSON or YAML, or of many lines.
// What is in it cannot be told from the key.
func isStructured(value string) bool {
	value = strings.TrimSpace(value)
	return strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[") || strings.Contains(value, "\n")
}

// inSight are a user and a password before a host, the query of a URL, and the
// beginning of a key.
var inSight = regexp.MustCompile(`[^\s/:@]*:[^\s/@]*@|://[^\s/]*@|://[^\s?]*\?|-----BEGIN `)

// holdsSecret says that there is, or may be, a secret in the text.
func holdsSecret(text string) bool { return inSight.MatchString(text) }

// ownVersion refuses another version than the client's: a client makes controllers of
// its own, and the plan is for that.
func ownVersion(arguments []bootstrapArgument, program string, client version.Number) error {
	for _, a := range arguments {
		if a.name != "agent-version" || client == version.Zero {
			continue // without a client, preflight says so
		}
		wanted, err := version.Parse(a.value)
		if binary, isOne := version.ParseBinary(a.value); isOne == nil {
			wanted, err = binary.Number, nil
		}
		if err != nil || wanted != client {
			return fleet.BadInput("--bootstrap-arg --agent-version cannot be passed on: %s is of %s and makes a controller of that version: name another client with --juju PATH", program, client)
		}
	}
	return nil
}
