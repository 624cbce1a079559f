package execute_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func (w *makeWorld) breaks(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moveWorld.breaks(format, args...)
}

// pop takes the next of the errors that were put there for what is asked.
func pop(errs map[string][]error, what string) error {
	if list := errs[what]; len(list) > 0 {
		errs[what] = list[1:]
		return list[0]
	}
	return nil
}

// Compare compares as Juju's controllers would be.
func (w *makeWorld) Compare(_ context.Context, source, target fleet.Ref, item fleet.Item) (fleet.Likeness, error) {
	if _, err := w.reach(source); err != nil {
		return fleet.Lacking, err
	}
	at, err := w.reach(target)
	if err != nil {
		return fleet.Lacking, err
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	path := item.Path()
	here, has := w.items["a-uuid"][path]
	there, is := w.items[at.UUID][path]
	switch {
	case !has:
		return fleet.Forgotten, nil
	case here == there:
		return fleet.Same, nil
	case !is, w.preset[path]:
		return fleet.Lacking, nil
	}
	return fleet.Different, nil
}

func (w *makeWorld) Clone(_ context.Context, source, target fleet.Ref, item fleet.Item) error {
	if source.UUID != "a-uuid" || target.UUID != "t-uuid" {
		w.breaks("%s was cloned from %s to %s", item.Path(), source.UUID, target.UUID)
	}
	if _, err := w.reach(target); err != nil {
		return err
	}
	return w.write("clone "+item.Path(), func() error {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		path := item.Path()
		if err := pop(w.refuse, "clone "+path); err != nil {
			return err
		}
		to := w.items["t-uuid"]
		if w.overtakes == path {
			to[path] = "theirs"
		}
		if _, is := to[path]; is && !w.preset[path] {
			return &fleet.Problem{Code: fleet.Exists, Text: "already exists"}
		}
		w.mu.Lock()
		lacks := item.Kind == fleet.CloudAccessItem && w.users[item.User] == nil
		w.mu.Unlock()
		if item.Kind == fleet.CloudAccessItem && to["clouds/"+item.Name] == "" || lacks {
			return &fleet.Problem{Code: fleet.NotFound, Text: "no such cloud or user"}
		}
		to[path] = w.items["a-uuid"][path]
		delete(w.preset, path)
		w.cloned[path]++
		return pop(w.lose, "clone "+path)
	})
}

// HA shows the servers that were asked for at once, and has them vote one by one.
func (w *makeWorld) HA(_ context.Context, c fleet.Ref) (fleet.HA, error) {
	if _, err := w.reach(c); err != nil {
		return fleet.HA{}, err
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	out := w.ha
	if !w.more.IsZero() { // else as it was put there
		out.Well = min(out.Servers, 1+int(time.Since(w.more)/haTime))
	}
	return out, nil
}

func (w *makeWorld) EnableHA(_ context.Context, c fleet.Ref, servers int) error {
	if _, err := w.reach(c); err != nil {
		return err
	}
	return w.write("enable-ha", func() error {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.haAsks++
		if err := pop(w.refuse, "enable-ha"); err != nil {
			return err
		}
		switch {
		case c.UUID != "t-uuid", w.ha.Servers >= servers:
			w.breaks("%s was asked for %d servers, and has %d", c.UUID, servers, w.ha.Servers)
		case !w.ha.CanHave(servers):
			return &fleet.Problem{Code: fleet.Refused, Text: "no machines"}
		}
		w.ha.Servers, w.ha.Spare, w.more = servers, nil, time.Now()
		return nil
	})
}

// Users, who are on the new controller.

func (w *makeWorld) AddUser(ctx context.Context, c fleet.Ref, name, display string, password fleet.Secret) (fleet.Secret, error) {
	at, err := w.reach(c)
	if err != nil {
		return "", err
	}
	var out fleet.Secret
	err = w.write("add user "+name, func() error {
		if intended, _, _ := w.Of(name); !intended {
			w.breaks("%s was made, and nothing says that the run was to do that", name)
		}
		w.mutex.Lock()
		refused := pop(w.refuse, "user "+name)
		w.mutex.Unlock()
		if refused != nil {
			return refused
		}
		out, err = w.moveWorld.AddUser(ctx, at, name, display, password)
		w.mutex.Lock()
		defer w.mutex.Unlock()
		if fleet.CodeOf(err) == fleet.Exists {
			return err
		}
		w.added[name]++
		if password != "" {
			w.given[name], out = password, ""
			w.mu.Lock()
			delete(w.registered, name)
			w.mu.Unlock()
		}
		return err
	})
	return out, err
}

func (w *makeWorld) ResetUser(ctx context.Context, c fleet.Ref, name string) (out fleet.Secret, err error) {
	if c, err = w.reach(c); err != nil {
		return "", err
	}
	err = w.write("reset user "+name, func() error {
		w.mutex.Lock()
		has := w.given[name] != ""
		w.mutex.Unlock()
		if has {
			w.breaks("%s, who has a password, was reset", name)
		}
		out, err = w.moveWorld.ResetUser(ctx, c, name)
		return err
	})
	return out, err
}

func (w *makeWorld) GrantController(ctx context.Context, c fleet.Ref, name, access string) error {
	return w.write("grant "+name, func() error { return w.moveWorld.GrantController(ctx, c, name, access) })
}

func (w *makeWorld) DisableUser(ctx context.Context, c fleet.Ref, name string) error {
	return w.write("disable "+name, func() error { return w.moveWorld.DisableUser(ctx, c, name) })
}

// The run's own file.

func (w *makeWorld) Intend(user string) error {
	return w.write("intend "+user, func() error { return w.moveWorld.Intend(user) })
}

func (w *makeWorld) Forget(user string) error {
	return w.write("forget "+user, func() error { return w.moveWorld.Forget(user) })
}

func (w *makeWorld) Keep(user string, s fleet.Secret) error {
	if s == "" {
		w.breaks("%s was given a string that is none", user)
	}
	return w.write("keep "+user, func() error { return w.moveWorld.Keep(user, s) })
}

// Migrations.

func (w *makeWorld) AddAccount(ctx context.Context, c fleet.Ref, a execute.Account) error {
	at, err := w.reach(c)
	if err != nil {
		return err
	}
	return w.write("add account", func() error { return w.moveWorld.AddAccount(ctx, at, a) })
}

func (w *makeWorld) RemoveAccount(ctx context.Context, c fleet.Ref, user string) error {
	return w.write("remove account", func() error { return w.moveWorld.RemoveAccount(ctx, c, user) })
}

func (w *makeWorld) Migrate(ctx context.Context, source, target, m fleet.Ref, as execute.Account) error {
	needs := map[string]string{"a-m0": "clouds/aws", "a-m1": "secret-backends/vault"}[m.UUID]
	w.mutex.Lock()
	_, is := w.items["t-uuid"][needs]
	ha := w.ha
	asked := !w.more.IsZero()
	well := time.Since(w.more) >= time.Duration(ha.Servers-1)*haTime
	w.mutex.Unlock()
	if needs != "" && !is {
		w.breaks("%s moves and %s is not there", m.UUID, needs)
	}
	if asked && !well {
		w.breaks("%s moves before all servers serve", m.UUID)
	}
	return w.write("migrate "+m.UUID, func() error { return w.moveWorld.Migrate(ctx, source, target, m, as) })
}

// began is how often an errand of that name was begun.
func (w *makeWorld) begun(name string) int { return len(w.errands[name]) }

// forget takes a name out of the client's registry, as "juju unregister" does.
func (w *makeWorld) forget(name string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.tick()
	delete(w.registry, name)
	w.registry["forgotten "+name] = &entry{uuid: "-"}
}

// strings are those that users can register with, and the file has.
func (w *makeWorld) wrong() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for name, u := range w.users {
		kept := w.kept[name]
		want := ""
		if n := w.registered[name]; n > 0 {
			want = fmt.Sprint("key of ", name, " ", n)
		}
		switch password := w.given[name]; {
		case password != "" && (kept != "" || password != w.known[name]):
			out = append(out, name+" has a password, and a string or another one")
		case password == "" && kept != want:
			out = append(out, fmt.Sprintf("%s has %q, and %q works", u.Name, kept, want))
		}
	}
	slices.Sort(out)
	return out
}
