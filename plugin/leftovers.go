package plugin

import (
	"io"
	"slices"

	"github.com/juju/cmd/v3"
	"github.com/juju/gnuflag"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// leftoversCommand is 'upgrade-all leftovers'.
type leftoversCommand struct {
	cmd.CommandBase
	deps Deps
	out  output
	run  runArgument
}

// Info implements cmd.Command.
func (c *leftoversCommand) Info() *cmd.Info { return leftoversInfo() }

// SetFlags implements cmd.Command.
func (c *leftoversCommand) SetFlags(f *gnuflag.FlagSet) { c.out.setFlags(f) }

// Init implements cmd.Command.
func (c *leftoversCommand) Init(args []string) error {
	if err := c.run.parse(args); err != nil {
		return err
	}
	return c.out.understand()
}

// Run implements cmd.Command.
func (c *leftoversCommand) Run(ctx *cmd.Context) error { return finish(ctx, c.leftovers(ctx)) }

func (c *leftoversCommand) leftovers(ctx *cmd.Context) error {
	return c.run.onMove(c.deps, ctx, c.out, func(s *session, state journal.State, world World) error {
		l, err := s.lookForLeftovers(world.Reader(), state)
		if err != nil {
			return err
		}
		err = s.result(
			func(w io.Writer) error { return report.Leftovers(w, l.view, s.style) },
			func() any { return report.LeftoversDocument(l.view) },
		)
		if err == nil && !l.view.Empty() {
			err = exit(exitFailed)
		}
		return err
	})
}

// leftovers is what is found, and what it is found from.
type leftovers struct {
	state  journal.State
	view   report.LeftoversView
	source fleet.Controller
	// target has those of its models that the source lists or the run has moved.
	target fleet.Controller
}

// lookForLeftovers looks at both controllers and puts together what is left.
func (s *session) lookForLeftovers(r Reader, state journal.State) (*leftovers, error) {
	from, there := source(state), state.Target()
	l := &leftovers{state: state, view: report.LeftoversView{Run: state.Run, Source: from, Target: there, Now: s.deps.Now()}}
	s.ctx.Infof("Looking at %s and %s ...", from.Name, there.Name)
	opts := discover.Options{Parallel: modelsAtOnce, Now: s.deps.Now}
	f, err := discover.Fleet(s.ctx, telling{r, s.ctx}, []discover.Named{{Ref: from}, {Ref: there}}, fleet.Goal{}, opts)
	if err != nil {
		return nil, exitf(exitInterrupted, "interrupted; nothing was changed")
	}
	l.source, l.target = f.Controllers[0], f.Controllers[1]
	l.models()
	l.applications()
	l.relations()
	l.agents()
	users, asked := []fleet.User(nil), error(l.target.Problem)
	if l.target.Problem == nil {
		users, asked = r.Users(s.ctx, there)
	}
	if asked == nil {
		people, err := s.people(state, users, nil)
		if err != nil {
			return nil, err
		}
		l.users(people)
	}
	l.unseen(asked)
	l.hidden()
	l.view.Removal = l.removal()
	return l, nil
}

// unseen are what could not be looked at.
func (l *leftovers) unseen(users error) {
	for _, c := range []*fleet.Controller{&l.source, &l.target} {
		if c.Problem != nil {
			l.notSeen(c.Name, "could not be looked at: "+c.Problem.Text, "juju show-controller "+c.Name)
			continue
		}
		if !c.Superuser() {
			l.notSeen(c.Name, c.User+" is no superuser of it, and does not see all", "juju whoami -c "+c.Name)
		}
		for _, m := range c.Models {
			if m.Problem != nil && (c == &l.source && !l.moved(m.UUID) || c == &l.target && l.ours(m.UUID)) {
				l.notSeen(c.Name+":"+m.Name, "could not be read: "+m.Problem.Text, "juju status -m "+c.Name+":"+m.Name)
			}
		}
	}
	if users != nil && l.target.Problem == nil {
		l.notSeen(l.target.Name, "its users could not be listed: "+users.Error(), "juju users -c "+l.target.Name)
	}
}

func (l *leftovers) notSeen(subject, text, command string) {
	l.view.Unseen = append(l.view.Unseen, report.Leftover{Kind: report.LeftElsewhere, Subject: subject, Text: text, Commands: []string{command}})
}

// hidden are what nobody can see from here.
func (l *leftovers) hidden() {
	hide := func(subject, text string) {
		l.view.Hidden = append(l.view.Hidden, report.Leftover{Kind: report.LeftElsewhere, Subject: subject, Text: text})
	}
	hide("consumers elsewhere", "models on controllers that this client does not know may consume offers of "+l.source.Name)
	hide("other clients", "scripts and people whose juju client still names "+l.source.Name+" fail when it is gone")
	if slices.ContainsFunc(l.state.Plan.People, func(p plan.Person) bool { return p.Comes == plan.External }) {
		hide("external users", "whether users whose identity is kept elsewhere found their way cannot be told")
	}
}

// removal is the command that removes the controller that nothing needs any more.
// While it lists what has moved, whatever its version, that is no destruction.
func (l *leftovers) removal() report.Removal {
	source := l.source.Name
	listed := slices.ContainsFunc(l.view.Entries, func(e report.Leftover) bool {
		return e.Standing == report.ListedOnly || e.Standing == report.NotRemoved
	})
	if listed || !rules.ShowsMigrations(l.source.Version) {
		return report.Removal{
			Command: "juju unregister " + source,
			Why: "it goes on listing models that have moved, so that juju destroy-controller would want --destroy-all-models, and that would end what they run on: " +
				"have this client forget it, and " + l.takeDown(),
		}
	}
	return report.Removal{
		Command: "juju destroy-controller " + source,
		Why:     "it has no models any more, so that this ends the controller alone",
	}
}

// takeDown is what becomes of a controller that must not be destroyed.
func (l *leftovers) takeDown() string {
	if m := l.source.ControllerModel(); m != nil && m.Type == fleet.CAAS {
		return "remove the namespace of the controller itself by kubectl"
	}
	return "remove the machine of the controller itself by the means of its cloud"
}
