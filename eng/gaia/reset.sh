gaia_reset() {
  local pid
  if pid=$(running_pid); then
    fail "the stack runs (process $pid): stop it first"
  fi
  # As root, PostgreSQL's files lie where its own user can reach them: see Gaia.AppHost/DataRoot.cs.
  local data_id hash
  data_id=$(sed -n 's/.*"data-id":"\([0-9a-f]*\)".*/\1/p' .gaia/data/secrets.json 2>/dev/null || true)
  hash=$(printf '%s' "$root/.gaia/data$data_id" | sha256sum | cut -c 1-16)
  [ "$(id -u)" -ne 0 ] || rm -rf "/var/lib/gaia/$hash"
  rm -rf .gaia/data
  say "The data of the stack is deleted."
}
