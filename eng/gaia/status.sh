gaia_status() {
  local pid
  pid=$(running_pid) || {
    say "The stack does not run from this folder."
    return 3
  }
  say "The stack runs (process $pid)."
  if [ ! -f .gaia/data/addresses.txt ]; then
    say "It is still starting."
    return 0
  fi
  cat .gaia/data/addresses.txt
  local gateway
  gateway=$(grep -oE 'http://[a-z]+:[0-9]+' .gaia/data/addresses.txt | head -n 1)
  curl -s --max-time 5 "$gateway/health" || fail "the gateway does not answer on $gateway"
  say
}
