package jujutest

import (
	"crypto/sha1"
	"fmt"
	"strings"
)

func (c ControllerSpec) user() string { return orElse(c.User, "admin") }

// allModels are the models that are listed and those that are generated.
func (c ControllerSpec) allModels() []ModelSpec {
	models := append([]ModelSpec(nil), c.Models...)
	g := c.Generate
	if g == nil || g.Models < 0 || g.Models > maxEntities {
		return models
	}
	for i := range g.Models {
		m := ModelSpec{Name: fmt.Sprintf("%s-%d", orElse(g.Prefix, "model"), i)}
		if g.Machines > 0 && g.Machines <= maxEntities {
			m.Machines = make(Machines, g.Machines)
		}
		if g.Units > 0 {
			m.Applications = []ApplicationSpec{{Name: "app", Units: g.Units}}
		}
		models = append(models, m)
	}
	return models
}

// filled gives the zero fields their defaults.
func (t Timing) filled() Timing {
	d := DefaultTiming()
	t.AgentNotice = orElse(t.AgentNotice, d.AgentNotice)
	t.AgentStagger = orElse(t.AgentStagger, d.AgentStagger)
	t.AgentRestart = orElse(t.AgentRestart, d.AgentRestart)
	t.UnitSettle = orElse(t.UnitSettle, d.UnitSettle)
	t.ControllerNotice = orElse(t.ControllerNotice, d.ControllerNotice)
	t.ControllerDown = orElse(t.ControllerDown, d.ControllerDown)
	t.ControllerStagger = orElse(t.ControllerStagger, d.ControllerStagger)
	t.UpgradeWindow = orElse(t.UpgradeWindow, d.UpgradeWindow)
	t.UpgradeTimeout = orElse(t.UpgradeTimeout, d.UpgradeTimeout)
	t.Backup = orElse(t.Backup, d.Backup)
	return t
}

// orElse is the value, or the default where the value is zero.
func orElse[T comparable](value, def T) T {
	var zero T
	if value == zero {
		return def
	}
	return value
}

// splitModelName takes OWNER/NAME apart; the owner may be missing.
func splitModelName(full, user string) (owner, name string) {
	if owner, name, ok := strings.Cut(full, "/"); ok {
		return owner, name
	}
	return user, full
}

// uuidFrom makes a UUID that is the same in each run, so that outputs can be compared.
func uuidFrom(seed string) string {
	h := sha1.Sum([]byte(seed))
	h[6] = h[6]&0x0f | 0x40
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
