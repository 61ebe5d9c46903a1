aspire_cli_version=13.5.4

require_sdk() {
  have dotnet || fail "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download"
  dotnet --list-sdks | grep -q '^10\.' || fail "the .NET 10 SDK is missing; found: $(dotnet --list-sdks | tr '\n' ' ')"
}

# As Gaia.AppHost/Backing.cs decides it.
uses_containers() {
  case ${Gaia__Backing:-} in
    native) return 1 ;;
    containers) return 0 ;;
  esac
  ! is_restricted && { runtime_answers docker || runtime_answers podman; }
}

runtime_answers() { have "$1" && timeout 5 "$1" ps --quiet >/dev/null 2>&1; }

find_postgres() { ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null | sort -V | tail -n 1 || true; }

# Prints the Debian packages that are missing for what was asked: "servers", "chromium", "git".
missing_packages() {
  for what in "$@"; do
    case $what in
      servers)
        [ -n "$(find_postgres)" ] || printf 'postgresql '
        have redis-server || printf 'redis-server '
        have nats-server || printf 'nats-server '
        ;;
      # As Gaia.Tests/Browser/BrowserStack.cs finds it.
      chromium) [ -x "${CHROMIUM:-}" ] || have chromium || have chromium-browser || have google-chrome || printf 'chromium ' ;;
      *) have "$what" || [ -x "/usr/sbin/$what" ] || printf '%s ' "$what" ;;
    esac
  done
}

install_missing() {
  local packages
  packages=$(missing_packages "$@")
  [ -n "$packages" ] || return 0
  have apt-get || fail "please install with your system's package manager: $packages"
  say "Installing from Debian: $packages"
  as_root apt-get update -qq >.gaia/install.log 2>&1 || fail "apt-get update failed, see .gaia/install.log"
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >>.gaia/install.log 2>&1 ||
    fail "apt-get install failed, see .gaia/install.log"
  # Debian starts the servers that it installs; the stack runs its own.
  for server in $packages; do
    case $server in
      postgresql | redis-server | nats-server | nginx) stop_service "$server" ;;
    esac
  done
}

stop_service() {
  if [ -d /run/systemd/system ]; then
    as_root systemctl disable --now "$1" >>.gaia/install.log 2>&1 || true
  elif [ -x "/etc/init.d/$1" ]; then
    as_root "/etc/init.d/$1" stop >>.gaia/install.log 2>&1 || true
  fi
}

# On the public feed the dashboard is a NuGet package; elsewhere it comes with the Aspire CLI.
install_dashboard() {
  is_restricted || return 0
  local cli=.gaia/aspire-cli/bin/aspire
  if [ ! -x "$cli" ]; then
    have npm || {
      say "Node is missing: the stack runs without the dashboard. Install Node to have it."
      return 0
    }
    local package
    package=@microsoft/aspire-cli-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
    say "Installing from npm: $package (the dashboard)"
    npm install --silent --no-audit --no-fund --prefix .gaia/npm "$package@$aspire_cli_version" >.gaia/install.log 2>&1 ||
      fail "npm install failed, see .gaia/install.log"
    # The binary unpacks itself beside its folder, so it gets a folder of its own.
    mkdir -p "$(dirname "$cli")"
    cp "$(find ".gaia/npm/node_modules/$package" -type f -name aspire | head -n 1)" "$cli"
    chmod +x "$cli"
  fi
  export ASPIRE_CLI_PATH=$root/$cli
}
