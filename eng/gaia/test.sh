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
  failures "$1"
  say "$(count passed) passed, $(count failed) failed, $(($(count total) - $(count executed))) skipped"
}

# Names what failed once more, where the end of a long log is all there is to see.
failures() {
  awk '
    /<UnitTestResult / { failed = /outcome="Failed"/; match($0, /testName="[^"]*"/); name = substr($0, RSTART + 10, RLENGTH - 11) }
    failed && /<Message>/ { print "Failed " name; told = 1 }
    told { print }
    /<\/(StackTrace|UnitTestResult)>/ { told = 0 }
  ' "$1" | sed -E 's/<\/?(Message|StackTrace|ErrorInfo)>//g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#x[DA];//g; s/&amp;/\&/g; /^ *$/d'
}
