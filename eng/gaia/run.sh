gaia_run() {
  local offset=0 pid
  while [ $# -gt 0 ]; do
    case $1 in
      --port-offset) offset=${2:-} && shift 2 ;;
      --port-offset=*) offset=${1#*=} && shift ;;
      *) fail "run does not know '$1'" ;;
    esac
  done
  [[ $offset =~ ^[0-9]+$ ]] && [ "$offset" -le 40000 ] || fail "--port-offset takes a number from 0 to 40000"

  if pid=$(running_pid); then
    say "The stack already runs from this folder (process $pid). Stop it with Ctrl-C in its terminal, or: kill -INT $pid"
    [ ! -f .gaia/addresses.txt ] || cat .gaia/addresses.txt
    return 0
  fi

  require_sdk
  containers_answer || install_missing servers
  install_missing git
  gaia_build
  install_dashboard
  rm -f .gaia/addresses.txt

  export DOTNET_ENVIRONMENT=${DOTNET_ENVIRONMENT:-Development}
  export Gaia__PortOffset=$offset Gaia__AddressesFile=$root/.gaia/addresses.txt

  say "Starting… (Ctrl-C stops everything)"
  printf '%s' $$ >.gaia/run.pid
  exec Gaia.AppHost/bin/Debug/net10.0/Gaia.AppHost
}
