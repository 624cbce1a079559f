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

// follow has the store find models where they have moved to. The models are written
// first: a client that is cut off between the two finds the rest to do.
func (s *Store) follow(ctx context.Context, f following) error {
	return s.locked(ctx, func() error {
		registry, models, err := s.both()
		if err != nil {
			return err
		}
		if err := f.into(registry.root(), models.root()); err != nil {
			return err
		}
		if err := s.save(models); err != nil {
			return err
		}
		return s.save(registry)
	})
}

// wouldFollow says whether follow would change anything.
func (s *Store) wouldFollow(f following) (bool, error) {
	registry, models, err := s.both()
	if err != nil {
		return false, err
	}
	if err := f.into(registry.root(), models.root()); err != nil {
		return false, err
	}
	for _, doc := range []*document{registry, models} {
		now, err := doc.encode()
		if err != nil || !bytes.Equal(now, doc.before) {
			return true, err
		}
	}
	return false, nil
}

// both reads the registry and the models.
func (s *Store) both() (registry, models *document, err error) {
	if registry, err = s.document("controllers.yaml"); err != nil {
		return nil, nil, err
	}
	models, err = s.document("models.yaml")
	return registry, models, err
}

// edit changes a document of the store under juju's own lock.
func (s *Store) edit(ctx context.Context, file string, change func(root *yaml.Node) error) error {
	return s.locked(ctx, func() error {
		doc, err := s.document(file)
		if err != nil {
			return err
		}
		if err := change(doc.root()); err != nil {
			return err
		}
		return s.save(doc)
	})
}

// locked calls fn under juju's own lock, for which it waits a moment, but not when
// ctx has ended.
func (s *Store) locked(ctx context.Context, fn func() error) error {
	lock, err := mutex.Acquire(mutex.Spec{
		Name:    s.lockName(),
		Clock:   clock.WallClock,
		Delay:   20 * time.Millisecond,
		Timeout: 5 * time.Second,
		Cancel:  ctx.Done(),
	})
	if err != nil {
		return errors.Annotatef(err, "cannot lock %s", s.dir)
	}
	defer lock.Release()
	return fn()
}

// document is a file of the store that is being edited.
type document struct {
	file string
	node yaml.Node
	// before is what it would be written as unchanged.
	before []byte
}

// root is the document's mapping.
func (d *document) root() *yaml.Node { return d.node.Content[0] }

// document reads a file; one that is not there, or empty, is an empty mapping.
func (s *Store) document(file string) (*document, error) {
	data, err := s.read(file)
	if err != nil {
		return nil, err
	}
	doc := &document{file: file}
	if err := yaml.Unmarshal(data, &doc.node); err != nil {
		return nil, bad(errors.Errorf("cannot read %s: it is not YAML", s.path(file)))
	}
	if doc.node.Kind != yaml.DocumentNode || len(doc.node.Content) == 0 {
		doc.node = yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode, Tag: "!!map"}}}
	}
	if doc.root().Kind != yaml.MappingNode {
		return nil, bad(errors.Errorf("cannot read %s: it is not a file of juju's", s.path(file)))
	}
	doc.before, err = doc.encode()
	return doc, errors.Annotatef(err, "cannot read %s", s.path(file))
}

// encode is the document as it would be written.
func (d *document) encode() ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	if err := enc.Encode(&d.node); err != nil {
		return nil, err
	}
	if err := enc.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// save writes a document, if anything in it has changed.
func (s *Store) save(doc *document) error {
	now, err := doc.encode()
	if err == nil && !bytes.Equal(now, doc.before) {
		err = utils.AtomicWriteFile(s.path(doc.file), now, 0o600)
	}
	return errors.Annotatef(err, "cannot write %s", s.path(doc.file))
}

// lockName is that of jujuclient (generateStoreLockName), so that this tool and
// the juju program wait for each other.
func (s *Store) lockName() string {
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(s.path("controllers.yaml"))))
	return fmt.Sprintf("store-lock-%x", hash[:8])
}
