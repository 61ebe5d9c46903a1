# Whether the outputs are there and no file or folder has changed since they were made.
is_built() {
  local project
  [ -f .gaia/built ] && ! [ .gaia/feed.props -nt .gaia/built ] || return 1
  for project in Gaia.*/; do
    [ -f "${project}bin/Debug/net10.0/${project%/}.dll" ] || return 1
  done
  [ -z "$(find . \( -name bin -o -name obj -o -name .git -o -name node_modules -o -path ./.gaia -o -path './Gaia.*/wwwroot' \) -prune \
    -o -newer .gaia/built -print -quit; find Gaia.*/wwwroot -name lib -prune -o -type f -newer .gaia/built -print -quit)" ]
}

ensure_built() {
  require_sdk
  ask_feed
  if is_built; then
    say "Nothing has changed since the last build."
  else
    gaia_build
  fi
}

gaia_build() {
  require_sdk
  [ -f .gaia/feed.props ] || ask_feed
  say "Building… (the first time this takes a minute or two)"
  local started=$SECONDS ticker
  # In the background is what tells the time, not the build: Ctrl-C has to reach that. Waiting on a pipe leaves no sleep behind.
  rm -f .gaia/ticks
  mkfifo .gaia/ticks
  (
    exec 3<>.gaia/ticks
    while ! read -r -t 20 -u 3; do say "  … $((SECONDS - started)) s"; done
  ) &
  ticker=$!
  trap 'kill $ticker 2>/dev/null || true' EXIT
  dotnet build Gaia.sln --nologo -v quiet -clp:NoSummary "$@" >.gaia/build.log 2>&1 || {
    grep -E ': (error|warning) ' .gaia/build.log | sort -u | head -n 40 >&2 || true
    fail "the build failed, see .gaia/build.log"
  }
  kill "$ticker"
  trap - EXIT
  touch .gaia/built
  say "Built in $((SECONDS - started)) s."
}
