package estate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"gopkg.in/yaml.v3"
)

// Parse reads an estate's YAML. Unknown keys, malformed versions and names
// that occur twice are errors that name the line.
func Parse(data []byte) (Estate, error) {
	var estate Estate
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&estate); err != nil {
		if errors.Is(err, io.EOF) {
			return Estate{}, errors.New("cannot read estate: it is empty")
		}
		return Estate{}, fmt.Errorf("cannot read estate: %w", err)
	}
	var extra yaml.Node
	if err := dec.Decode(&extra); !errors.Is(err, io.EOF) {
		return Estate{}, errors.New("cannot read estate: more than one YAML document")
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return Estate{}, fmt.Errorf("cannot read estate: %w", err)
	}
	v := validator{root: &root}
	v.estate(estate)
	if err := v.err(); err != nil {
		return Estate{}, err
	}
	return estate, nil
}

// Validate says what is wrong with an estate that was made in Go.
func (e Estate) Validate() error {
	var v validator
	v.estate(e)
	return v.err()
}

// UnmarshalYAML accepts a number of machines or a list of them.
func (m *Machines) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		var n int
		if err := node.Decode(&n); err != nil {
			return fmt.Errorf("line %d: machines must be a number or a list", node.Line)
		}
		if n < 0 || n > maxEntities {
			return fmt.Errorf("line %d: %d machines: want 0 to %d", node.Line, n, maxEntities)
		}
		*m = make(Machines, n)
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		return fmt.Errorf("line %d: machines must be a number or a list", node.Line)
	}
	// A decoder that is started here forgets that keys must be known.
	known := []string{"base", "containers", "arch", "instance"}
	for _, item := range node.Content {
		for i := 0; item.Kind == yaml.MappingNode && i < len(item.Content); i += 2 {
			if key := item.Content[i]; !slices.Contains(known, key.Value) {
				return fmt.Errorf("line %d: unknown key %q of a machine", key.Line, key.Value)
			}
		}
	}
	var list []Machine
	if err := node.Decode(&list); err != nil {
		return err
	}
	*m = list
	return nil
}

// lineOf finds the line of the value at a path of keys and indexes, or of the
// nearest parent that is there.
func lineOf(root *yaml.Node, path []any) int {
	if root == nil || len(root.Content) == 0 {
		return 0
	}
	node := root.Content[0]
	line := node.Line
	for _, step := range path {
		next := child(node, step)
		if next == nil {
			break
		}
		node, line = next, next.Line
	}
	return line
}

func child(node *yaml.Node, step any) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch step := step.(type) {
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return node.Content[step]
		}
	case string:
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i+1]
			}
		}
	}
	return nil
}
