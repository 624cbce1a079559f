#!/bin/sh
# The demonstration of "make demo", run by juju-estate with JUJU_DATA set to the
# client store of the simulated estate. Fails if the tool does not end as it should.
tool=$(dirname "$0")/../../bin/juju-upgrade-all
unset JUJU_CONTROLLER JUJU_MODEL

heading() { printf '\n\033[1m── %s\033[0m\n\n' "$*"; }
plain() { printf '\n── %s\n\n' "$*"; }
if [ ! -t 1 ] || [ -n "${NO_COLOR+set}" ] || [ "$TERM" = dumb ]; then heading() { plain "$@"; }; fi

step() { # step CODE HEADING ARGS...
  want=$1; heading "$2"; shift 2
  printf '$ juju upgrade-all'; printf ' %s' "$@"; printf '\n\n'
  "$tool" "$@"; got=$?
  if [ $got != "$want" ]; then printf '\ndemo: exit %s, want %s\n' $got "$want" >&2; exit 1; fi
  printf '\n[exit %s]\n' $got
}

step 3 'The plan: one model of prod is blocked, lab is up to date. Nothing is changed.' plan --all-controllers
step 7 'The run: everything but the blocked model.' --all-controllers -y --skip-blocked
step 0 'Where that run stands.' status
step 3 'Once more: only the blocked model is left.' plan --all-controllers
