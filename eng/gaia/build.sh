# Whether the outputs are there and no file or folder has changed since they were made.
is_built() {
  local project
  [ -f .gaia/built ] && ! [ .gaia/feed.props -nt .gaia/built ] || return 1
  for project in Gaia.*/; do
    [ -f "${project}bin/Debug/net10.0/${project%/}.dll" ] || return 1
  done
  [ -z "$(find . \( -name bin -o -name obj -o -name .git -o -name node_modules -o -path ./.gaia -o -path ./Gaia.Web/wwwroot \) -prune \
    -o -newer .gaia/built -print -quit; find Gaia.Web/wwwroot -maxdepth 1 -type f -newer .gaia/built -print -quit)" ]
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
  touch .gaia/built
  say "Built in $((SECONDS - started)) s."
}
