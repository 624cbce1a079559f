# bash completion for juju-upgrade-all: subcommands, and the options that its own
# help lists. Names of controllers come from the client's store; nothing is asked
# over the network.

_juju_upgrade_all() {
  local cur prev words cword
  cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()

  case $prev in
    -c | --controller)
      COMPREPLY=($(compgen -W "$(_juju_upgrade_all_controllers)" -- "$cur"))
      return
      ;;
    --format)
      COMPREPLY=($(compgen -W "json yaml" -- "$cur"))
      return
      ;;
    --backup)
      COMPREPLY=($(compgen -W "auto require skip" -- "$cur"))
      return
      ;;
    --backup-dir | -o | --output | --events)
      COMPREPLY=($(compgen -f -- "$cur"))
      return
      ;;
  esac

  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$(juju-upgrade-all --help 2> /dev/null | grep -oE -- '(^|[ ,])--?[a-z][a-z-]*' | tr -d ' ,')" -- "$cur"))
    return
  fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "plan apply status resume abandon runs help" -- "$cur"))
    return
  fi
  case ${COMP_WORDS[1]} in
    apply) COMPREPLY=($(compgen -f -- "$cur")) ;;
    status | resume | abandon) COMPREPLY=($(compgen -W "$(_juju_upgrade_all_runs)" -- "$cur")) ;;
  esac
}

_juju_upgrade_all_data() { echo "${JUJU_DATA:-${XDG_DATA_HOME:-$HOME/.local/share}/juju}"; }

_juju_upgrade_all_controllers() {
  awk '/^controllers:/ { on = 1; next } /^[^ ]/ { on = 0 } on && /^  [^ ].*:$/ { sub(/:$/, ""); print $1 }' \
    "$(_juju_upgrade_all_data)/controllers.yaml" 2> /dev/null
}

_juju_upgrade_all_runs() { ls "$(_juju_upgrade_all_data)/upgrade-all" 2> /dev/null | grep -E '^[0-9]+$'; }

complete -F _juju_upgrade_all juju-upgrade-all
