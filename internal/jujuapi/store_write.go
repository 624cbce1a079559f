package jujuapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/juju/clock"
	"github.com/juju/errors"
	"github.com/juju/mutex/v2"
	"github.com/juju/utils/v3"
	"gopkg.in/yaml.v3"

	"github.com/juju/juju/jujuclient"
)

// This file does all the writing to the client's store. It edits the document
// rather than writing jujuclient's structs, which would drop the keys of newer
// clients (Juju 4 keeps previous-controller there).

// seen is what a login has shown of a controller that its entry should say.
type seen struct {
	agentVersion  string
	endpoints     []string
	dnsCache      map[string][]string
	publicDNSName string
}

// news says whether the entry should be written: another version, another set of
// addresses, another public name. Their order and the name cache alone are not
// worth a write.
func (n seen) news(old *jujuclient.ControllerDetails) bool {
	sorted := func(list []string) []string {
		list = slices.Clone(list)
		sort.Strings(list)
		return list
	}
	return n.agentVersion != old.AgentVersion ||
		n.publicDNSName != "" && n.publicDNSName != old.PublicDNSName ||
		len(n.endpoints) > 0 && !slices.Equal(sorted(n.endpoints), sorted(old.APIEndpoints))
}

// remember brings the entries of a controller up to what a login has shown.
func (s *Store) remember(ctx context.Context, uuid string, now seen) error {
	registry, err := s.registry()
	if err != nil {
		return err
	}
	stale := false
	for _, details := range registry.Controllers {
		stale = stale || details.ControllerUUID == uuid && now.news(&details)
	}
	if !stale {
		return nil
	}
	return s.edit(ctx, "controllers.yaml", func(root *yaml.Node) error {
		entries := value(root, "controllers")
		for i := 0; entries != nil && i+1 < len(entries.Content); i += 2 {
			entry := entries.Content[i+1]
			if id := value(entry, "uuid"); id == nil || id.Value != uuid {
				continue
			}
			if err := now.into(entry); err != nil {
				return errors.Trace(err)
			}
		}
		return nil
	})
}

// into writes the keys that a login tells, and no others.
func (n seen) into(entry *yaml.Node) error {
	keys := []struct {
		name  string
		value any
		skip  bool
	}{
		{"agent-version", n.agentVersion, n.agentVersion == ""},
		{"api-endpoints", n.endpoints, len(n.endpoints) == 0},
		{"dns-cache", n.dnsCache, len(n.dnsCache) == 0},
		{"public-hostname", n.publicDNSName, n.publicDNSName == ""},
	}
	for _, key := range keys {
		if key.skip {
			continue
		}
		var node yaml.Node
		if err := node.Encode(key.value); err != nil {
			return errors.Trace(err)
		}
		if node.Kind != yaml.ScalarNode {
			node.Style = yaml.FlowStyle // as juju writes them
		}
		set(entry, key.name, &node)
	}
	return nil
}

// edit changes a document of the store under juju's own lock, for which it waits a
// moment, but not when ctx has ended.
func (s *Store) edit(ctx context.Context, file string, change func(root *yaml.Node) error) error {
	lock, err := mutex.Acquire(mutex.Spec{
		Name:    s.lockName(),
		Clock:   clock.WallClock,
		Delay:   20 * time.Millisecond,
		Timeout: 5 * time.Second,
		Cancel:  ctx.Done(),
	})
	if err != nil {
		return errors.Annotatef(err, "cannot lock %s", s.path(file))
	}
	defer lock.Release()
	data, err := s.read(file)
	if err != nil {
		return err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return bad(errors.Errorf("cannot read %s: it is not YAML", s.path(file)))
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) == 0 {
		return nil
	}
	if err := change(doc.Content[0]); err != nil {
		return err
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	if err := enc.Encode(&doc); err != nil {
		return errors.Annotatef(err, "cannot write %s", s.path(file))
	}
	if err := enc.Close(); err != nil {
		return errors.Annotatef(err, "cannot write %s", s.path(file))
	}
	err = utils.AtomicWriteFile(s.path(file), out.Bytes(), 0o600)
	return errors.Annotatef(err, "cannot write %s", s.path(file))
}

// lockName is that of jujuclient (generateStoreLockName), so that this tool and
// the juju program wait for each other.
func (s *Store) lockName() string {
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(s.path("controllers.yaml"))))
	return fmt.Sprintf("store-lock-%x", hash[:8])
}

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

// set gives a mapping's key a value.
func set(mapping *yaml.Node, key string, v *yaml.Node) {
	if old := value(mapping, key); old != nil {
		*old = *v
		return
	}
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, v)
}
