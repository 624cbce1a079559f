// Command juju-estate starts simulated Juju controllers that a YAML file describes,
// for demonstrations, scripts and benchmarks.
//
//	juju-estate [-store DIR] [-speed N] [-for DURATION] [-juju] ESTATE.yaml [-- COMMAND ARGS...]
//	juju-estate juju ARGS...
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
//	    spare-machines: 2           # of its own model, which can become controllers
//	    cloud: lab                  # region:, cloud-type: (kubernetes: see below)
//	    users: [{name: alice, display-name: Alice, access: superuser, password: x, disabled: true, last-connection: 48h}]
//	    clouds:
//	      - {name: lab, endpoint: 10.0.0.1, users: [{name: alice}]}     # more of its own cloud
//	      - {name: moon, type: maas, auth-types: [oauth1], regions: [sea, {name: crater, endpoint: 10.0.0.2}], users: [{name: alice, access: admin}]}
//	    credentials: [{owner: admin, auth-type: certificate, attributes: {password: x}}]
//	    secret-backends: [{name: vault, id: 0123, config: {endpoint: https://x, token: x}, token-rotate-interval: 24h}]
//	    config: {migration-agent-wait-time: 5m, agent-ratelimit-max: 1, agent-ratelimit-rate: 1s, identity-url: https://x}
//	    model-defaults: {lab: {http-proxy: http://x}, moon/sea: {no-proxy: here}}
//	    controller-model-config: {logging-config: <root>=INFO}
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
//	juju:                           # the program that stands in for juju
//	  version: 3.6.11               # its own, and that of the controllers that it makes
//	  clouds: [{name: yard, type: manual, regions: [{name: here, endpoint: 10.0.0.9}]}]
//	  series-offers: [3.6.11]       # what the streams of those controllers offer
//	  faults: [{kind: bootstrap-stops, stage: script}]
//
// Users who own models or have access to them exist on that controller without being
// listed. Credentials and secret backends that are not described are made up from
// their names: those of two controllers are equal unless one of them is described.
//
// # Making a controller
//
// "juju-estate juju", and any link to juju-estate that is called juju, is a juju of its
// own: it knows "juju --version", "juju bootstrap", and "juju scp" and "juju ssh" as far
// as juju-restore --copy-controller needs them. With -juju, COMMAND finds it on its PATH
// before any other. It asks the estate at the address in JUJU_ESTATE, which COMMAND has,
// and keeps the client's store in JUJU_DATA. JUJU_ESTATE_VERSION is its version, if it is
// not to be what the estate says.
//
// It can bootstrap on the clouds of all controllers and those of juju.clouds. Each stage
// (prepare, launch, script, contact) takes timing.bootstrap-stage (1s), or what
// timing.bootstrap-stages says of it: {script: 1m}. From the stage script on the
// controller comes up by itself, whatever becomes of the program. Its machine is started
// timing.unit-settle (2s) after the last stage. A manual cloud has one machine.
//
// Faults of the program stand under juju.faults, or are injected into "juju":
//
//	{kind: bootstrap-fails, stage: launch, message: ...}  exit 1, nothing of it is left
//	{kind: bootstrap-sticks, stage: script}               it stays in that stage until the fault ends
//	{kind: bootstrap-stops, stage: script}                the program is killed at the end of that stage
//	{kind: restore-fails, message: ...}                   juju-restore exits 1
//
// juju-restore takes timing.restore (5s) and gives the new controller what it truly
// copies, if both the program and a backup of the estate were copied to machine 0 before.
//
// "juju register" works, and so does "juju enable-ha" on controllers of Juju 3: on a cloud
// that makes machines, or to spare-machines of one that does not. Each takes
// timing.machine-start (8s). {kind: backend-refused} is a controller that cannot reach a
// secret backend that it is given.
//
// # Charms
//
// All controllers ask one store of charms:
//
//	charmhub:
//	  charms:
//	    - name: postgresql
//	      bases: [ubuntu@22.04, ubuntu@24.04]     # any if left out
//	      offers-other-base: true                 # to who asks for another base; else it has nothing for them
//	      resources: {box: file, image: oci-image}
//	      actions: [pre-refresh-check]
//	      revisions:                              # those of which there is more to say
//	        - {revision: 8, bases: [ubuntu@24.04], assumes: ["juju >= 3.6"], resources: {}, actions: []}
//	        - {revision: 9, refresh: {kind: pause, message: look first, action: go-on, takes: 1m}}
//	        - {revision: 10, refresh: fail-upgrade}
//	      channels: {14/stable: 7, 14/edge: {revision: 9, resources: {box: 4}}}
//
// Applications say what they have of it:
//
//	applications:
//	  - name: db
//	    units: 3
//	    charm: postgresql           # the application's name; local:NAME for one that is not the store's
//	    channel: 14/stable          # latest/stable
//	    revision: 7                 # 1
//	    base: ubuntu@24.04          # the model's
//	    resources: {box: 3, image: uploaded}   # what the channel has
//	    subordinates: [nrpe]
//	    refresh: stuck              # as of a revision; what the revision says comes first
//	  - {name: nrpe, subordinate: true, channel: edge}
//
// "juju refresh", also with --path, "juju resolved" and "juju run --background" work. A unit
// begins timing.charm-notice (1s) after the request, at a controller of Juju 3 that does not
// have the charm yet after timing.charm-fetch (4s), in which its agent fails; its hook runs for
// timing.charm-upgrade (3s). A hook that has failed is run again by itself timing.hook-retry
// later, if that is set. Units in error are passed by until they are resolved.
//
// Faults are those of the controller: of one model (model:), application (application:) or unit
// (agent:), always or so many times (times:). What is paused or stuck goes on when they end.
//
//	{kind: fail-upgrade}            the upgrade-charm hook fails: mend it and resolve the unit
//	{kind: pause, message: ...}     the unit is blocked until the action resume-refresh is run
//	{kind: stuck}                   the hook does not end
//	{kind: charmhub-unreachable}    the controller cannot ask the store
//
// # Kubernetes
//
// A controller with "cloud-type: kubernetes" is a pod, and models on clouds of that type
// have pods: each unit is one. Clusters are told apart by the endpoints of their clouds,
// whatever these are called. Controllers are dialed at their addresses, and not through
// the proxy of an API of Kubernetes, which no estate has.
//
// A controller that upgrades is away for timing.pod-down (40s), from timing.pod-notice
// (1s) after the request on. All units lose it, and find it again afterwards; after more
// than 30s their charms have restarted, and run their first hooks. A model that upgrades,
// or has moved, has the pods of each application replaced one after the other, the last
// one first: the stop hook, timing.agent-restart (8s) without an agent, the hooks of
// upgrade-charm. Versions are those that series-offers and the registry have.
//
// Faults of images are those of the controller; the last one of one model (model:), too:
//
//	{kind: hide-image, version: 3.6.11}    the registry does not have it
//	{kind: registry-down}                  the registry answers 503
//	{kind: spoil-image, version: 3.6.11}   it cannot be pulled: pods that come to it are in
//	                                       error, and the controller's own is gone, until the
//	                                       fault ends
//	{kind: drop, method: ModelUpgrader.UpgradeModel, model: controller, when: after}
//	                                       the answer is lost with the controller that gave it
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
