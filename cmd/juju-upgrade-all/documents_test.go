//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"gopkg.in/yaml.v3"
)

// oneJSON checks that a file (or stdout) is one JSON document with kebab-case keys,
// and nothing else: json FILE.
func oneJSON(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 1, "json FILE")
	value, err := decodeJSON(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(kebab("", value))
}

// oneYAML is oneJSON for YAML: yaml FILE.
func oneYAML(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 1, "yaml FILE")
	value, err := decodeYAML(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(kebab("", value))
}

// sameData checks that a JSON file and a YAML file say the same, but for when they
// were made: same-data JSON YAML.
func sameData(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "same-data JSON YAML")
	a, err := decodeJSON(ts.ReadFile(args[0]))
	ts.Check(err)
	b, err := decodeYAML(ts.ReadFile(args[1]))
	ts.Check(err)
	// Numbers and times have other types in YAML: compare what JSON makes of both.
	again, err := json.Marshal(b)
	ts.Check(err)
	b, err = decodeJSON(string(again))
	ts.Check(err)
	for _, document := range []any{a, b} {
		if top, ok := document.(map[string]any); ok {
			delete(top, "created")
		}
	}
	if !reflect.DeepEqual(a, b) {
		ts.Fatalf("they differ:\n%v\n%v", a, b)
	}
}

func decodeJSON(text string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("there is more than one document, or something else: %w", err)
	}
	return value, nil
}

func decodeYAML(text string) (any, error) {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	if _, text := value.(string); text {
		return nil, errors.New("it is a text, not a document")
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("there is more than one document, or something else: %w", err)
	}
	return value, nil
}

var kebabCase = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// kebab checks all keys of a document.
func kebab(path string, value any) error {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if !kebabCase.MatchString(key) {
				return fmt.Errorf("the key %s%s is not in kebab-case", path, key)
			}
			if err := kebab(path+key+".", inner); err != nil {
				return err
			}
		}
	case []any:
		for _, inner := range value {
			if err := kebab(path, inner); err != nil {
				return err
			}
		}
	}
	return nil
}
