package plugin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/juju/cmd/v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/preflight"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

// modelsAtOnce is how many models are read at once. Each takes a connection
// and one call.
const modelsAtOnce = 16

// session is what every command works with: the client's store, the runs, the
// streams.
type session struct {
	deps     Deps
	ctx      *cmd.Context
	out      output
	registry Registry
	store    journal.Store
	style    report.Style
	// passwords are those of users who are to be made with one.
	passwords map[string]fleet.Secret
}

func (d Deps) open(ctx *cmd.Context, out output) (*session, error) {
	if ctx.Context == nil {
		ctx.Context = context.Background()
	}
	registry, err := d.Registry()
	if err != nil {
		return nil, err
	}
	s := &session{deps: d, ctx: ctx, out: out, registry: registry, store: journal.NewStore(registry.DataDir())}
	s.style = report.Style{Colour: d.Terminal.Colour && d.Terminal.Out && out.file == "", Unicode: d.Terminal.Unicode, Zone: time.Local}
	if d.Terminal.Out && d.Terminal.Size != nil {
		s.style.Width, _ = d.Terminal.Size()
	}
	return s, s.canWrite()
}

// canWrite finds out, before anything is changed, whether the files that the
// operator named can be written.
func (s *session) canWrite() error {
	for _, file := range []string{s.out.file, s.out.events} {
		if file == "" {
			continue
		}
		err := canWrite(s.ctx.AbsPath(file))
		var why *fs.PathError
		if errors.As(err, &why) {
			err = why.Err
		}
		if err != nil {
			return fleet.BadInput("cannot write to %s: %v", file, err)
		}
	}
	return nil
}

// canWrite leaves no trace. What is there and no file, such as a pipe, is not
// opened: its reader would take that for all that comes.
func canWrite(file string) error {
	info, err := os.Stat(file)
	if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil
	}
	_, missing := os.Lstat(file)
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if missing != nil {
		_ = os.Remove(file)
	}
	return f.Close()
}

// connect makes the connections' owner. Without a terminal nobody is asked for
// a password.
func (s *session) connect() (World, error) {
	ask := s.password
	if !s.deps.Terminal.In || s.deps.Terminal.Password == nil {
		ask = nil
	}
	return s.deps.Connect(s.registry, ask, func(err error) { s.ctx.Infof("WARNING %v", err) })
}

// password asks for a password, on the terminal.
func (s *session) password(_ context.Context, controller, user string) (string, error) {
	fmt.Fprintf(s.ctx.Stderr, "please enter password for %s on %s: ", user, controller)
	line, err := s.deps.Terminal.Password()
	fmt.Fprintln(s.ctx.Stderr)
	return line, err
}

// answer asks a question, and returns what was typed.
func (s *session) answer(question string) (string, error) {
	fmt.Fprint(s.ctx.Stderr, "\n"+question+" ")
	answer := make(chan string, 1)
	go func() {
		// The read cannot be interrupted; when the context ends, the process does.
		line, err := bufio.NewReader(s.ctx.Stdin).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			line = ""
		}
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-s.ctx.Done():
		fmt.Fprintln(s.ctx.Stderr)
		return "", s.ctx.Err()
	case line := <-answer:
		return line, nil
	}
}

// yes takes everything but y for n.
func yes(answer string) bool {
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes"
}

// result writes a result: drawn by text, or encoded as a document, to the
// file that the operator named or to stdout.
func (s *session) result(text func(io.Writer) error, document func() any) (err error) {
	w := s.ctx.Stdout
	if s.out.file != "" {
		file, err := os.OpenFile(s.ctx.AbsPath(s.out.file), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return fmt.Errorf("cannot write the result: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		w = file
	}
	if s.out.machine() {
		err = report.Encode(w, s.out.format, document())
	} else {
		err = text(w)
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil // who reads it has read enough
	}
	return err
}

// silently is the session, with nothing told of looks that are repeated.
func (s *session) silently() *session {
	quiet := *s
	ctx := *s.ctx
	ctx.Stderr = io.Discard
	quiet.ctx = &ctx
	return &quiet
}

// view is what one look has led to.
type view struct {
	fleet fleet.Fleet
	plan  plan.Plan
}

// controllers are all that were looked at.
func (v view) controllers() []fleet.Controller {
	return all(v.fleet)
}

func all(f fleet.Fleet) []fleet.Controller {
	out := slices.Clone(f.Controllers)
	if f.Target != nil {
		out = append(out, *f.Target)
	}
	return out
}

// look looks at the controllers, checks and plans. It changes nothing.
func (s *session) look(r Reader, names []discover.Named, goal fleet.Goal, run plan.Options) (view, error) {
	began := s.deps.Now()
	where := place(names)
	if goal.Moves() {
		where += " and " + goal.To.Name
	}
	s.ctx.Infof("Looking at %s ...", where)
	f, err := discover.Fleet(s.ctx, telling{r, s.ctx}, names, goal, discover.Options{Parallel: modelsAtOnce, Now: s.deps.Now})
	if err != nil {
		return view{}, exitf(exitInterrupted, "interrupted; nothing was changed")
	}
	f.Client = s.deps.Client(s.ctx, "")
	f.Client.Library = s.deps.Library
	if f.Target != nil {
		goal.ToVersion = f.Target.Version
	}
	s.ctx.Infof("%s (%s)", counted(f), s.deps.Now().Sub(began).Round(100*time.Millisecond))
	findings, err := s.findings(f, goal)
	if err != nil {
		return view{}, err
	}
	return view{fleet: f, plan: plan.Compute(plan.Input{
		Fleet: f, Goal: goal, Findings: findings, Options: run,
		Estimates: s.store.Estimates(), Tool: s.deps.Version,
	})}, nil
}

// findings are those of preflight, and the runs that were left unfinished.
func (s *session) findings(f fleet.Fleet, goal fleet.Goal) ([]fleet.Finding, error) {
	findings := preflight.Run(f, goal)
	unfinished, err := s.store.Unfinished()
	if err != nil {
		return nil, err
	}
	controllers := all(f)
	for i := range controllers {
		c := &controllers[i]
		if u, ok := unfinished[c.UUID]; ok {
			alive := s.store.Alive(u.Run)
			if alive {
				// What is seen of a controller that is being upgraded right now
				// is no reason to do anything about it.
				findings = slices.DeleteFunc(findings, func(f fleet.Finding) bool { return f.Controller == c.UUID })
			}
			findings = append([]fleet.Finding{preflight.UnfinishedRun(u.Run, c, alive)}, findings...)
		}
	}
	return findings, nil
}

// counted says what was seen, in one line. Where all is on Kubernetes there are no
// machines to speak of.
func counted(f fleet.Fleet) string {
	models, machines, units, pods := 0, 0, 0, false
	for _, c := range f.Controllers {
		for _, m := range c.Models {
			models++
			a, b := m.Status.Count()
			machines, units, pods = machines+a, units+b, pods || m.Type == fleet.CAAS
		}
	}
	seen := []string{number(models, "model")}
	if machines > 0 || !pods {
		seen = append(seen, number(machines, "machine"))
	}
	return strings.Join(append(seen, number(units, "unit")), ", ")
}

// number is a number of things: "1 model", "2 models".
func number(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// health is the health of every model that was looked at, by UUID.
func health(f fleet.Fleet) map[string]fleet.Health {
	out := map[string]fleet.Health{}
	for _, c := range f.Controllers {
		for _, m := range c.Models {
			if m.Problem == nil {
				out[m.UUID] = fleet.RecordOf(m.Status)
			}
		}
	}
	return out
}
