package jujuapi

import "gopkg.in/yaml.v3"

// This file is the little that it takes to edit a YAML document in place, so that
// keys which nobody here knows stay in it.

// value finds the value of a mapping's key; nil when it has none.
func value(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// scalar is a value's text; empty when there is none.
func scalar(v *yaml.Node) string {
	if v == nil || v.Kind != yaml.ScalarNode {
		return ""
	}
	return v.Value
}

// set gives a mapping's key a value.
func set(mapping *yaml.Node, key string, v *yaml.Node) {
	if old := value(mapping, key); old != nil {
		*old = *v
		return
	}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, v)
}

// setText gives a mapping's key a text, unless that is empty.
func setText(mapping *yaml.Node, key, text string) {
	if text != "" && scalar(value(mapping, key)) != text {
		set(mapping, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text})
	}
}

// ensure returns the mapping that is the value of a mapping's key, which it makes if
// there is none.
func ensure(mapping *yaml.Node, key string) *yaml.Node {
	if old := value(mapping, key); old != nil && old.Kind == yaml.MappingNode {
		return old
	}
	set(mapping, key, &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"})
	return value(mapping, key)
}

// unset removes the entries of a mapping that which picks.
func unset(mapping *yaml.Node, which func(key string, v *yaml.Node) bool) {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return
	}
	var left []*yaml.Node
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if !which(mapping.Content[i].Value, mapping.Content[i+1]) {
			left = append(left, mapping.Content[i], mapping.Content[i+1])
		}
	}
	mapping.Content = left
}

// eachEntry calls fn with the entries of a mapping, in their order.
func eachEntry(mapping *yaml.Node, fn func(key string, v *yaml.Node)) {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		fn(mapping.Content[i].Value, mapping.Content[i+1])
	}
}
