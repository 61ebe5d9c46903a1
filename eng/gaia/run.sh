gaia_run() {
  local offset=0 pid
  while [ $# -gt 0 ]; do
    case $1 in
      --port-offset)
        offset=${2:-}
        shift $(($# > 1 ? 2 : 1))
        ;;
      --port-offset=*)
        offset=${1#*=}
        shift
        ;;
      *) fail "run does not know '$1'" ;;
    esac
  done
  [[ $offset =~ ^[0-9]{1,5}$ ]] && [ "$offset" -le 40000 ] || fail "--port-offset takes a number from 0 to 40000"

  if pid=$(running_pid); then
    say "The stack already runs from this folder (process $pid). Stop it with Ctrl-C in its terminal, or: kill $pid"
    [ ! -f .gaia/data/addresses.txt ] || cat .gaia/data/addresses.txt
    return 0
  fi

  require_sdk
  ask_feed
  uses_containers || install_missing servers
  install_missing git
  ensure_built
  install_dashboard

  export DOTNET_ENVIRONMENT=${DOTNET_ENVIRONMENT:-Development}
  export Gaia__PortOffset=$offset

  say "Starting… (Ctrl-C stops everything)"
  exec Gaia.AppHost/bin/Debug/net10.0/Gaia.AppHost
}
