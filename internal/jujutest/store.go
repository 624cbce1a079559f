package jujutest

import (
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// WriteStore writes a client's store into a folder, so that JUJU_DATA=folder makes
// any client know this world. The first controller is the current one.
func (w *World) WriteStore(dir string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("cannot write client store: %w", err)
	}
	controllers, accounts, models := map[string]any{}, map[string]any{}, map[string]any{}
	for _, c := range w.controllers {
		controllers[c.name] = c.storeEntry()
		account := map[string]any{"user": c.user.name, "last-known-access": c.user.access}
		switch c.spec.StorePassword {
		case "":
			account["password"] = c.user.password
		case "none":
		default:
			account["password"] = c.spec.StorePassword
		}
		accounts[c.name] = account
		known := map[string]any{}
		for _, m := range c.models {
			known[m.fullName()] = map[string]any{"uuid": m.uuid, "type": m.kind(), "branch": ""}
		}
		entry := map[string]any{"models": known}
		if len(c.models) > 1 {
			entry["current-model"] = c.models[1].fullName()
		}
		models[c.name] = entry
	}
	for name, content := range map[string]any{
		"controllers.yaml": map[string]any{"controllers": controllers, "current-controller": w.controllers[0].name},
		"accounts.yaml":    map[string]any{"controllers": accounts},
		"models.yaml":      map[string]any{"controllers": models},
	} {
		data, err := yaml.Marshal(content)
		if err != nil {
			return fmt.Errorf("cannot write client store: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return fmt.Errorf("cannot write client store: %w", err)
		}
	}
	return nil
}

func (c *controller) storeEntry() map[string]any {
	var endpoints []string
	for _, s := range c.servers {
		endpoints = append(endpoints, s.addr())
	}
	entry := map[string]any{
		"uuid":                            c.uuid,
		"api-endpoints":                   endpoints,
		"ca-cert":                         c.ca.pem,
		"cloud":                           c.cloud(),
		"type":                            c.cloudType(),
		"agent-version":                   c.version().String(),
		"controller-machine-count":        len(c.servers),
		"active-controller-machine-count": len(c.servers),
	}
	if c.spec.Region != "" {
		entry["region"] = c.spec.Region
	}
	return entry
}
