gaia_test() {
  require_sdk
  install_missing servers git curl chromium
  ensure_built
  install_dashboard
  local filter=() results=.gaia/test-results status=0
  [ $# -eq 0 ] || filter=(--filter "FullyQualifiedName~$1")
  rm -rf "$results"
  dotnet test Gaia.Tests --no-build --nologo --results-directory "$results" --logger "trx;LogFileName=tests.trx" \
    --logger "console;verbosity=normal" --blame-hang-timeout 10m "${filter[@]}" || status=$?
  summarise "$results/tests.trx"
  return "$status"
}

summarise() {
  local counters
  counters=$(grep -o '<Counters [^>]*' "$1" 2>/dev/null) || fail "no test was run"
  count() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$counters"; }
  [ "$(count executed)" -gt 0 ] || fail "no test was run"
  say "$(count passed) passed, $(count failed) failed, $(($(count total) - $(count executed))) skipped"
}
