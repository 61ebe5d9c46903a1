gaia_build() {
  require_sdk
  ask_feed
  say "Building… (the first time this takes a minute or two)"
  local started=$SECONDS builder
  dotnet build Gaia.sln --nologo -v quiet -clp:NoSummary "$@" >.gaia/build.log 2>&1 &
  builder=$!
  while kill -0 "$builder" 2>/dev/null; do
    sleep 1
    [ $(((SECONDS - started) % 20)) -ne 0 ] || say "  … $((SECONDS - started)) s"
  done
  wait "$builder" || {
    grep -E ': (error|warning) ' .gaia/build.log | sort -u | head -n 40 >&2 || true
    fail "the build failed, see .gaia/build.log"
  }
  say "Built in $((SECONDS - started)) s."
}
