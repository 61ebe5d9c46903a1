gaia_reset() {
  local pid
  if pid=$(running_pid); then
    fail "the stack runs (process $pid): stop it first"
  fi
  # As root, PostgreSQL's files lie where its own user can reach them: see Gaia.AppHost/Native/postgres.sh.
  [ ! -L .gaia/data/postgres ] || rm -rf "$(readlink .gaia/data/postgres)"
  rm -rf .gaia/data
  say "The data of the stack is deleted."
}
