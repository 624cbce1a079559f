package plugin

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// placed are the words that are passed on to "juju bootstrap", with whole paths for the
// files that they name: juju reads them in the middle of the run, which any process may
// have resumed or applied anywhere. What juju could not read then is bad input now.
func placed(words []string, arguments []bootstrapArgument, abs func(string) string) ([]string, error) {
	out := append([]string(nil), words...)
	for _, a := range arguments {
		file := a.file()
		if file == "" {
			continue
		}
		file = abs(file)
		if why := unreadable(file, a.takes == settings); why != "" {
			return nil, fleet.BadInput("--bootstrap-arg %s %s %s", dashed(a.name), file, why)
		}
		out[a.word] = a.prefix + file
	}
	return out, nil
}

// unreadable is why a file or a directory cannot be read, or is not the YAML that it
// is to be; empty when it can. It never quotes what is in it.
func unreadable(file string, isYAML bool) string {
	info, err := os.Stat(file)
	if err == nil && isYAML && !info.Mode().IsRegular() {
		return "is no regular file" // it is read more than once
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(file)
	}
	var data []byte
	if err == nil {
		defer f.Close()
		if isYAML {
			data, err = io.ReadAll(f)
		}
	}
	var why *fs.PathError
	var content map[string]any
	switch {
	case errors.As(err, &why):
		return "cannot be read: " + why.Err.Error()
	case err != nil:
		return "cannot be read"
	case yaml.Unmarshal(data, &content) != nil:
		return "is not YAML of the form KEY: VALUE"
	}
	return ""
}
