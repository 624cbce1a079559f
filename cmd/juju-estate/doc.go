// Command juju-estate starts simulated Juju controllers that a YAML file describes,
// for demonstrations, scripts and benchmarks.
//
//	juju-estate [-store DIR] [-speed N] [-for DURATION] ESTATE.yaml [-- COMMAND ARGS...]
//
// It writes a client store into DIR and either runs COMMAND with JUJU_DATA set to it
// and exits with its code, or prints what to set and serves until a signal.
//
// # The estate
//
// Two files are at hand: demo.yaml, controllers to upgrade in place, and move.yaml,
// one whose models move to another. All keys are in package
// internal/jujutest/estate; whatever is left out is what is most common.
//
//	speed: 8                        # simulated seconds in a real one
//	timing: {agent-restart: 10s}    # how long things take, in simulated time
//	controllers:
//	  - name: old
//	    version: 3.5.4              # 2.9.x, 3.x, 4.x: facades and answers are that version's
//	    series-offers: [3.5.4]      # what its streams offer
//	    ha: 3
//	    cloud: lab                  # region:, cloud-type:
//	    users: [{name: alice, display-name: Alice, access: superuser, disabled: true, last-connection: 48h}]
//	    clouds: [{name: moon, type: maas, regions: [sea]}]
//	    credentials: [{owner: admin, auth-type: certificate, attributes: {password: x}}]
//	    secret-backends: [{name: vault, id: 0123}]
//	    config: {migration-agent-wait-time: 5m, agent-ratelimit-max: 1, agent-ratelimit-rate: 1s, identity-url: https://x}
//	    models:
//	      - name: admin/web
//	        users: [{name: alice, access: write}]
//	        credential: admin/default
//	        secret-backends: [vault]
//	        config: {fan-config: 10.0.0.0/8=252.0.0.0/8}
//	        machines: [{containers: 1, instance: stopped}]
//	        applications: [{name: app, units: 2, charm: local:app, no-manifest: true}]
//	        offers: [{name: app, endpoint: website}]
//	        saas: [{name: db, url: "old:admin/db.db"}]
//	        faults: [{agent: unit-app-0, kind: down}]
//	    faults: [{kind: migration-strands, model: admin/web, agent: unit-app-0}]
//
// Users who own models or have access to them exist on that controller without being
// listed. Credentials and secret backends that are not described are made up from
// their names: those of two controllers are equal unless one of them is described.
//
// # Migrations
//
// "juju migrate" works between the controllers of an estate. Each phase takes
// timing.migration-phase (1s), or what timing.migration-phases says of it:
// {IMPORT: 30s}. The phases are QUIESCE, IMPORT, PROCESSRELATIONS, VALIDATION,
// SUCCESS, LOGTRANSFER and REAP. Agents come to the new controller
// timing.agent-move (2s) later. A controller of Juju 4 begins what it has accepted
// timing.migration-notice (5s) later, tells nothing of it, and goes on listing what
// has left it; one that gets models upgrades their agents by itself.
//
// Faults of migrations are those of the controller that is left, of all its models or
// of one (model:), always or so many times (times:), from the start or while it runs:
//
//	{kind: migration-refused, message: ...}      the source's prechecks say no
//	{kind: migration-aborts, phase: IMPORT}      it fails in that phase
//	{kind: migration-sticks, phase: VALIDATION}  it stays in that phase until the fault ends
//	{kind: migration-leftover}                   with migration-aborts: the target's half stays there
//	{kind: migration-strands, agent: unit-app-0} that agent is lost on the target until it is healed
//	{kind: reap-fails}                           the model has moved and is not removed where it was
//	{kind: keeps-model}                          ... and is listed there as if nothing had been
//
// A model with "importing: true" and the uuid of another controller's is what an
// earlier import has left over.
//
// An agent's fault "frozen" looks well and does not report, so that a migration waits
// migration-agent-wait-time for it. Agents that the target's agent-ratelimit-* keep
// out for five minutes do not report either.
package main
