package report

import (
	"regexp"
	"slices"
	"strings"
)

// argument is one option among the arguments of "juju bootstrap". What it is set to
// may be a secret, and is not kept.
type argument struct {
	option string
	// key is what a KEY=VALUE of the option sets.
	key string
	// joined is how a value follows: "=" as one word, " " as the next one; "" when
	// none does.
	joined string
}

// argumentsOf takes arguments of "juju bootstrap" apart, without their values.
func argumentsOf(args []string) []argument {
	var out []argument
	for i := 0; i < len(args); i++ {
		option, value, given := strings.Cut(args[i], "=")
		if !isOption(option) {
			out = append(out, argument{joined: " "}) // a stray value
			continue
		}
		a := argument{option: option}
		if given {
			a.joined = "="
		} else if i+1 < len(args) && !looksLikeOption(args[i+1]) {
			i++
			value, a.joined = args[i], " "
		}
		if key, _, ok := strings.Cut(value, "="); ok && setsKeys(option) {
			a.key = key
		}
		out = append(out, a)
	}
	return out
}

// isOption says that the word is the name of an option, and not a value that begins
// as one does.
func isOption(word string) bool { return optionName.MatchString(word) }

func looksLikeOption(word string) bool {
	option, _, _ := strings.Cut(word, "=")
	return isOption(option)
}

var optionName = regexp.MustCompile(`^(-[A-Za-z]|--[a-z][a-z-]*)$`)

// setsKeys says that the option's value is KEY=VALUE, or a file.
func setsKeys(option string) bool {
	return slices.Contains([]string{"--config", "--model-default", "--storage-pool"}, option)
}

// hidden stands for what is not shown.
const hidden = "(not shown)"

// argumentNames are the names of the options, and of the keys that they set.
func argumentNames(args []string) []string {
	var out []string
	for _, a := range argumentsOf(args) {
		name := a.option
		switch {
		case a.option == "":
			name = hidden
		case a.key != "":
			name += " " + a.key + "=" + hidden
		case a.joined != "":
			name += "=" + hidden
		}
		out = append(out, clean(name))
	}
	return out
}

// withoutValues are the arguments as they are to be typed, with VALUE for what is not
// shown.
func withoutValues(args []string) []string {
	var out []string
	for _, a := range argumentsOf(args) {
		value := "VALUE"
		if a.key != "" {
			value = a.key + "=VALUE"
		}
		switch {
		case a.option == "":
			out = append(out, value)
		case a.joined == "=":
			out = append(out, a.option+"="+value)
		case a.joined == " ":
			out = append(out, a.option, value)
		default:
			out = append(out, a.option)
		}
	}
	return out
}
