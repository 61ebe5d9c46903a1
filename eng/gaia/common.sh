say() { printf '%s\n' "$*"; }

fail() {
  printf 'gaia: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    fail "installing needs root or sudo: $*"
  fi
}

# The process of a stack that was started from this folder, if it still runs.
running_pid() {
  local pid
  [ -f .gaia/run.pid ] || return 1
  pid=$(cat .gaia/run.pid)
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q 'Gaia\.AppHost' && printf '%s' "$pid"
}
