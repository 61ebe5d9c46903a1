gaia_reset() {
  local pid
  if pid=$(running_pid); then
    fail "the stack runs (process $pid): stop it first"
  fi
  delete_data .gaia/data
  say "The data of the stack is deleted."
}
