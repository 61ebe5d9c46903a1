# Which packages the NuGet feed has decides between the real packages and the stand-ins of eng/restricted-feed.
# The answer is kept where Directory.Build.props reads it, so that plain dotnet commands agree.

gaia_feed() {
  require_sdk
  ask_feed again
}

is_restricted() { grep -q '>true<' .gaia/feed.props 2>/dev/null; }

ask_feed() {
  [ -z "${feed_asked:-}" ] || return 0
  feed_asked=yes
  if [ ! -f .gaia/feed.props ] || [ "${1:-}" = again ]; then
    local log=.gaia/feed.log restricted
    if dotnet restore eng/feed-probe/feed-probe.csproj --force -p:RestrictedFeed=false >"$log" 2>&1; then
      restricted=false
    elif grep -qE 'NU110[123]' "$log" && ! grep -q 'NU1301' "$log"; then
      restricted=true
    else
      cat "$log" >&2
      fail "the NuGet feed could not be asked (see above); this says nothing about what it has, so nothing is assumed"
    fi
    cat >.gaia/feed.props.new <<XML
<Project>
  <PropertyGroup>
    <RestrictedFeed Condition="'\$(RestrictedFeed)' == ''">$restricted</RestrictedFeed>
  </PropertyGroup>
</Project>
XML
    # Left alone where nothing changed, for else everything would be built again.
    cmp -s .gaia/feed.props.new .gaia/feed.props || cp .gaia/feed.props.new .gaia/feed.props
    rm .gaia/feed.props.new
  fi
  if is_restricted; then
    say "Packages: restricted feed, with the stand-ins of eng/restricted-feed."
  else
    say "Packages: nuget.org."
  fi
}
