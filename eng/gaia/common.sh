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

# The process of a stack that runs on this folder's data, however it was started. Its AppHost holds the lock.
running_pid() {
  local lock=.gaia/data/apphost.lock
  [ -f "$lock" ] && ! flock --nonblock "$lock" true && cat "$lock"
}
