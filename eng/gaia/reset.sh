gaia_reset() {
  local pid
  if pid=$(running_pid); then
    fail "the stack runs (process $pid): stop it first"
  fi
  # As root, PostgreSQL's files lie where its own user can reach them: see Gaia.AppHost/DataRoot.cs.
  local hash
  hash=$(printf '%s' "$root/.gaia/data" | sha256sum | cut -c 1-16)
  [ "$(id -u)" -ne 0 ] || rm -rf "/var/lib/gaia/$hash"
  rm -rf .gaia/data
  say "The data of the stack is deleted."
}
