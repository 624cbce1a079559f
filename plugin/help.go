package plugin

import "github.com/juju/cmd/v3"

const purpose = "Upgrades controllers and all their models, in place or by moving them to a newer controller."

const exitCodes = `
Exit codes:

    0  done, or nothing to do
    1  failed: something is not where it should be
    2  bad usage or input; nothing was changed
    3  blocked: findings must be cleared or accepted; nothing was changed
    4  interrupted; it can be resumed
    5  the plan is stale; nothing was changed
    6  another run is at work there, or left the controller unfinished
    7  done, except for what was left out because it is blocked
    8  (plan, --dry-run) changes are pending
`

func info(i cmd.Info) *cmd.Info {
	i.FlagKnownAs = "option"
	i.ShowSuperFlags = []string{"show-log", "debug", "logging-config", "verbose", "quiet", "h", "help"}
	return &i
}

const upgradeDoc = `
Takes controllers, and every model on them, from the patch version that they run
to the newest of their series, and proves that all agents have arrived there.

It looks at everything first, says what is out of date and what stands in the
way, shows one plan, and asks. Then it backs up each controller, upgrades it,
upgrades its models beside each other, and waits for each until every machine,
container, unit and subordinate reports the new version and is in sight.
Finally it tells what is worse than before, if anything is.

By default it works on the current controller, and on all models there. Every
step is written to a journal: whatever interrupts a run, 'resume' completes it.
There is no configuration: the client's own controllers and accounts are used.

An accepted upgrade cannot be undone: Juju has no downgrade.

No controller goes to another minor or major version in place. With --to, the
models are moved to a newer controller that exists; with --bootstrap, to one that
the juju client makes (its own version is the one to reach). The current one is
brought to its newest patch first. Then the new one gets what it lacks of the old
one's: as many servers, users, access, clouds, configuration, model defaults and
secret backends (--clone; what is there is never overwritten). Then each model is
migrated, seen there with every agent connected, brought to the new controller's
version, and compared with what it was before. Finally this client finds the
models where they are. The old controller is left running: nothing is ever
destroyed. A model that has moved does not come back.

Passwords cannot be cloned. Each user who is made gets a registration string, in a
file of the run's that only you can read, with a text to send; service accounts get
the passwords that you give with --password-file. 'handover' shows who has logged
in, and 'leftovers' what still needs the old controller.

With --charms, the charm of each application of these models is refreshed as well,
after the model's agents, to the newest revision of the channel that it follows, and
with the resources of that; with --charms-only, nothing else is done. It is one
application after the other in a model (--charm-parallel), those of --charm-order
first: the next one begins when all units run the new charm, have nothing to do any
more, and are no worse than before. Local charms are left alone, unless --charm-path
gives one; so is an application with a newer revision than its channel has, unless it
is named with --app. A charm that stops half way, to be told to go on, is waited for.

On a Kubernetes cluster, one model is upgraded after the other (--parallel N: N of
them), and those in which an application has one pod only come last.

Further commands:

    juju upgrade-all plan [options]     the same, ending before anything is changed
    juju upgrade-all apply HASH|FILE    carry out exactly that plan
    juju upgrade-all status [RUN]       where a run stands (also while it runs)
    juju upgrade-all resume [RUN]       go on with an interrupted or failed run
    juju upgrade-all abandon [RUN]      end an unfinished run for good
    juju upgrade-all runs               the runs kept by this client
    juju upgrade-all handover [RUN]     who has logged in to the new controller, and who not yet
    juju upgrade-all leftovers [RUN]    what still needs the old controller

Models are named as [CONTROLLER:][OWNER/]NAME, applications as NAME or MODEL.NAME;
each part may have the wildcards * and ?. With -m the controller itself is left as it
is.

What stands in the way is a finding with a code, such as agent-down. A finding
is cleared, or accepted by name where it is (--accept agent-down@prod:admin/db),
or what it holds is left out (--skip-blocked). There is no blanket force.

With the strictly confined juju snap, 'juju upgrade-all' needs a connected plug
(sudo snap connect juju:jaas-plugin juju-upgrade-all:jaas-plugin).
'juju-upgrade-all' always works.
`

func upgradeInfo() *cmd.Info {
	return info(cmd.Info{
		Name:    name,
		Args:    "",
		Purpose: purpose,
		Doc:     upgradeDoc + exitCodes,
		Examples: `
    juju upgrade-all
    juju upgrade-all plan --all-controllers
    juju upgrade-all -c prod,staging --agent-version 3.6.11
    juju upgrade-all -m 'prod:*/web*' --exclude admin/web-archive
    juju upgrade-all -y --skip-blocked --accept agent-down@prod:admin/ci
    juju upgrade-all plan -c old --to new
    juju upgrade-all -c old --to new --canary admin/staging
    juju upgrade-all plan -c old --bootstrap aws/eu-west-1 --bootstrap-name new
    juju upgrade-all plan --charms-only --exclude-app 'web.postgresql*'
`,
		SeeAlso: []string{"upgrade-controller", "upgrade-model", "migrate", "refresh", "create-backup", "controllers"},
	})
}

func planInfo() *cmd.Info {
	return info(cmd.Info{
		Name:    name + " plan",
		Purpose: "Shows what upgrade-all would do, and changes nothing.",
		Doc: `
Looks, checks and plans as 'juju upgrade-all' does, with the same options, and
ends there. The plan is kept under its hash; 'juju upgrade-all apply HASH'
carries out exactly that plan.
` + exitCodes,
		Examples: `
    juju upgrade-all plan
    juju upgrade-all plan --all-controllers --format yaml
`,
		SeeAlso: []string{name},
	})
}

func applyInfo() *cmd.Info {
	return info(cmd.Info{
		Name:    name + " apply",
		Args:    "<hash>|<file>",
		Purpose: "Carries out exactly a plan that was made before.",
		Doc: `
The plan is named by the hash that 'juju upgrade-all plan' told, or by its file
(with a slash or a dot in its name). If a decision would now be another, that is
said, nothing is changed, and the exit code is 5.
`,
		Examples: `
    juju upgrade-all apply 3f9a1c0b77de
    juju upgrade-all apply ./plan.json -y
`,
		SeeAlso: []string{name},
	})
}

func statusInfo() *cmd.Info {
	return info(cmd.Info{
		Name:    name + " status",
		Args:    "[<run>]",
		Purpose: "Shows where a run stands.",
		Doc: `
Shows the last run, or the one that is named: its verdict, how far it is, what
is awaited, what failed and why, and the next command to type. It also works
while the run is going on in another terminal.
`,
		Examples: `
    juju upgrade-all status
    juju upgrade-all status 17 --follow
`,
		SeeAlso: []string{name},
	})
}

func resumeInfo() *cmd.Info {
	return info(cmd.Info{
		Name:    name + " resume",
		Args:    "[<run>]",
		Purpose: "Goes on with a run that was interrupted or failed.",
		Doc: `
What failed is tried again, and what was done is looked at again. The plan and
the options are those of the run.
` + exitCodes,
		Examples: `
    juju upgrade-all resume
    juju upgrade-all resume 17
`,
		SeeAlso: []string{name},
	})
}

func abandonInfo() *cmd.Info {
	return info(cmd.Info{
		Name:    name + " abandon",
		Args:    "[<run>]",
		Purpose: "Ends an unfinished run for good.",
		Doc: `
The run cannot be resumed any more, and its controllers are free for a new one.
Nothing is undone, and what Juju has accepted goes on by itself: that is shown.
Of a run that moves models, the temporary superuser on the new controller is
removed, unless a migration that is under way still needs it: that is told.
`,
		Examples: `
    juju upgrade-all abandon 17
`,
		SeeAlso: []string{name},
	})
}

func runsInfo() *cmd.Info {
	return info(cmd.Info{
		Name:    name + " runs",
		Purpose: "Lists the runs kept by this client, newest first.",
		Doc: `
Runs are kept in the folder upgrade-all of the Juju client's data directory.
Deleting it costs the history, and the way to resume.
`,
		SeeAlso: []string{name},
	})
}

func handoverInfo() *cmd.Info {
	return info(cmd.Info{
		Name:    name + " handover",
		Args:    "[<run>]",
		Purpose: "Shows which users have found their way to the new controller.",
		Doc: `
Shows, for each user of the controller that models have left, whether that user
has logged in to the new one: of the last run that moved models, or of the one
that is named. Juju does not tell whether a registration string was used; it is
inferred from the last login. A string does not expire.

The strings, and a text to send to each user, are in the run's registrations.yaml,
which only you can read. With --reissue, a user gets a new string there: earlier
ones, and any password that the user has chosen, are void at once.
`,
		Examples: `
    juju upgrade-all handover
    juju upgrade-all handover 17 --reissue bob
`,
		SeeAlso: []string{name, "register", "users"},
	})
}

func leftoversInfo() *cmd.Info {
	return info(cmd.Info{
		Name:    name + " leftovers",
		Args:    "[<run>]",
		Purpose: "Shows what still needs the controller that models have left.",
		Doc: `
Looks at both controllers of the last run that moved models, or of the one that is
named, and tells what still needs the old one: models, users who have not been seen
on the new one, cross-model relations, agents that are not connected there, and
applications in its own model; and what cannot be seen from here. If nothing is
left, it tells the command that removes the old controller. It never runs it.

Exit codes: 0 nothing is left, 1 something is, or could not be looked at.
`,
		Examples: `
    juju upgrade-all leftovers
    juju upgrade-all leftovers 17 --format yaml
`,
		SeeAlso: []string{name, "destroy-controller"},
	})
}
