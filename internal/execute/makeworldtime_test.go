package execute_test

import (
	"context"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// last is the last errand of that name; nil when there was none.
func (w *makeWorld) last(name string) *errand {
	if all := w.errands[name]; len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

// tick lets time have its effects, on what was begun.
func (w *makeWorld) tick() {
	if e := w.last("bootstrap"); e != nil && !e.had {
		w.bootstrapping(e)
	}
	// Juju restarts the controller after it.
	if e := w.last("restore"); e != nil && !e.brought && e.code == 0 && !e.killed && time.Since(e.began) >= e.after+15*time.Second {
		e.brought = true
		w.mu.Lock()
		for _, name := range []string{"alice", "bob", "svc"} {
			w.users[name] = &fleet.User{Name: name, Access: "login"}
		}
		w.mu.Unlock()
	}
}

func (e *errand) ended() bool { return time.Since(e.began) >= e.after }

// bootstrapping is what a bootstrap does: it writes the entry first, the address when
// the controller has come up, and takes the entry away when it fails. Killed, it
// leaves all as it is; and what runs on the machine goes on.
func (w *makeWorld) bootstrapping(e *errand) {
	age := min(time.Since(e.began), e.after)
	name := e.args[2]
	if e.ended() && e.code != 0 && e.code <= 128 && !e.killed {
		if r := w.registry[name]; r != nil && r.uuid == "t-uuid" {
			delete(w.registry, name)
		}
		return
	}
	if _, forgotten := w.registry["forgotten "+name]; forgotten {
		return // by somebody, meanwhile
	}
	if age >= entered && w.registry[name] == nil {
		w.registry[name] = &entry{uuid: "t-uuid"}
	}
	if r := w.registry[name]; r != nil && r.uuid == "t-uuid" {
		r.addressed = age >= addressed
	}
	if w.serves.IsZero() && age >= launched && time.Since(e.began) >= addressed {
		w.serves = e.began.Add(addressed)
	}
}

// reach is what dialling a controller by what the registry has of it comes to.
func (w *makeWorld) reach(c fleet.Ref) (fleet.Ref, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.dead {
		return c, away()
	}
	w.tick()
	if c.UUID == "" && w.isMade() {
		w.breaks("%s was dialled by its name alone", c.Name)
	}
	for name, e := range w.registry {
		if name != c.Name && e.uuid != c.UUID || c.UUID != "" && e.uuid != c.UUID {
			continue
		}
		switch {
		case !e.addressed, e.uuid == "t-uuid" && (w.serves.IsZero() || w.lost):
			return c, away()
		case w.controllers[e.uuid] == nil:
			return c, &fleet.Problem{Code: fleet.Untrusted, Text: "it is another controller"}
		}
		return fleet.Ref{UUID: e.uuid, Name: name}, nil
	}
	return c, &fleet.Problem{Code: fleet.NotFound, Text: "this client knows no controller " + c.Name}
}

func (w *makeWorld) Registered(name string) (fleet.Registered, bool, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.tick()
	if w.looked++; w.snatch == "registered" && w.looked == 2 {
		w.registry[name] = &entry{"other-uuid", true}
	}
	if w.unread != nil && w.looked > 1 {
		return fleet.Registered{}, false, w.unread
	}
	e := w.registry[name]
	if e == nil {
		return fleet.Registered{}, false, nil
	}
	return fleet.Registered{Ref: fleet.Ref{UUID: e.uuid, Name: name}, Addressed: e.addressed}, true, nil
}

// taken is what becomes of a bootstrap whose name the client knows already.
var taken = fate{after: time.Second, code: 1, output: []string{`ERROR controller "t" already exists`}}

func (w *makeWorld) Start(name, program string, args ...string) error {
	return w.write("start "+name, func() error {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.tick()
		e := &errand{began: time.Now(), program: program, args: args, fate: w.fate}
		delete(w.registry, "forgotten t")
		switch {
		case name == "restore":
			e.fate = w.restoring
			if w.restores != nil {
				w.restores()
			}
		case w.snatch == "start", w.snatch == "begins":
			w.registry[args[2]] = &entry{"other-uuid", w.snatch == "start"}
			e.had, e.fate = true, taken
		case w.registry[args[2]] != nil:
			e.had, e.fate = true, taken
			w.breaks("a bootstrap was begun though the name was taken")
		}
		if before := w.last(name); before != nil && !before.ended() {
			return nil // once at most
		}
		if !w.serves.IsZero() && name == "bootstrap" {
			w.breaks("a bootstrap was begun though the controller was made")
		}
		w.errands[name] = append(w.errands[name], e)
		return nil
	})
}

func (w *makeWorld) Status(name string) (fleet.Errand, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.tick()
	e := w.last(name)
	if e == nil {
		return fleet.Errand{Stage: fleet.NotBegun}, nil
	}
	out := fleet.Errand{Stage: fleet.Running, ID: e.began.String(), Log: name + ".log", Lines: 1 + int(time.Since(e.began)/(20*time.Second))}
	if e.silent {
		out.Lines = 1
	}
	out.Output = []string{"Launching controller instance(s)", "Running machine configuration script..."}
	switch {
	case !e.ended():
	case e.killed:
		out.Stage = fleet.Killed
	default:
		out.Stage, out.Code = fleet.Ended, e.code
		out.Output = append(out.Output, e.output...)
	}
	return out, nil
}

// What is seen of controllers.

func (w *makeWorld) Open(ctx context.Context, c fleet.Ref) error {
	at, err := w.reach(c)
	if err != nil {
		return err
	}
	if w.serving() < w.busy {
		return &fleet.Problem{Code: fleet.Busy, Text: "not all is served yet"}
	}
	return w.moveWorld.Open(ctx, at)
}

func (w *makeWorld) Models(ctx context.Context, c fleet.Ref) ([]fleet.Model, error) {
	at, err := w.reach(c)
	if err != nil {
		return nil, err
	}
	models, err := w.moveWorld.Models(ctx, at)
	for i := range models {
		models[i].IsController = models[i].UUID == "a-own" || models[i].UUID == "t-own"
	}
	return models, err
}

func (w *makeWorld) ModelAt(ctx context.Context, c, m fleet.Ref) (fleet.Model, bool, error) {
	at, err := w.reach(c)
	if err != nil {
		return fleet.Model{}, false, err
	}
	return w.moveWorld.ModelAt(ctx, at, m)
}

// ModelStatus shows the machine of a new controller as pending for a while.
func (w *makeWorld) ModelStatus(ctx context.Context, c, m fleet.Ref) (fleet.ModelStatus, error) {
	at, err := w.reach(c)
	if err != nil {
		return fleet.ModelStatus{}, err
	}
	status, err := w.moveWorld.ModelStatus(ctx, at, m)
	for i := range status.Agents {
		if m.UUID != "t-own" || err != nil {
			break
		}
		switch a := &status.Agents[i]; {
		case a.Kind != fleet.MachineAgent, a.State.Status == "lost":
		case w.serving() < starting:
			a.State.Status = "pending"
		default:
			a.State.Status = "started"
		}
	}
	return status, err
}

// serving is for how long the new controller has served.
func (w *makeWorld) serving() time.Duration {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return time.Since(w.serves)
}

func (w *makeWorld) Users(ctx context.Context, c fleet.Ref) ([]fleet.User, error) {
	at, err := w.reach(c)
	if err != nil {
		return nil, err
	}
	return w.moveWorld.Users(ctx, at)
}

func (w *makeWorld) UpgradeModel(ctx context.Context, c, m fleet.Ref, to version.Number) error {
	at, err := w.reach(c)
	if err != nil {
		return err
	}
	return w.write("upgrade "+m.UUID, func() error { return w.moveWorld.UpgradeModel(ctx, at, m, to) })
}

func (w *makeWorld) Follow(ctx context.Context, a, b fleet.Ref, moved []fleet.Model) error {
	return w.write("follow", func() error { return w.moveWorld.Follow(ctx, a, b, moved) })
}
