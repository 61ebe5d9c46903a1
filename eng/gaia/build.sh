gaia_build() {
  require_sdk
  ask_feed
  say "Building…"
  local started=$SECONDS
  dotnet build Gaia.sln --nologo -v quiet -clp:NoSummary "$@" >.gaia/build.log 2>&1 || {
    grep -E ': (error|warning) ' .gaia/build.log | sort -u | head -n 40 >&2 || true
    fail "the build failed, see .gaia/build.log"
  }
  say "Built in $((SECONDS - started)) s."
}
