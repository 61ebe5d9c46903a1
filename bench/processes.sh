# Starts what a benchmark measures, on ports of its own on loopback, and ends it with the benchmark.

bench_pids=()
bench_data=
bench_program=bench/Gaia.Bench/bin/Release/net10.0/Gaia.Bench.dll

# Limits that count every request and refuse none.
# shellcheck disable=SC2034
generous_limits=(
  Limits__{Key,User}__Permits=1000000 Limits__{Key,User}__Period=00:00:01 Limits__{Key,User}__Burst=1000000
  Limits__StreamsPerUser=1000000
)

# bench_build PROJECT…: these and what the benchmarks themselves need, for release.
bench_build() {
  local project
  say "Building for release…"
  for project in "$@" bench/Gaia.Bench; do
    dotnet build "$project" -c Release --nologo -v quiet -clp:NoSummary >.gaia/bench.log 2>&1 || fail "the build failed, see .gaia/bench.log"
  done
}

bench_begin() {
  local name=$1 parent=.gaia
  # As for the stack: PostgreSQL refuses root and must reach its folder.
  [ "$(id -u)" -ne 0 ] || parent=/var/lib/gaia
  mkdir -p "$parent" ".gaia/bench"
  bench_data=$(mktemp -d "$parent/bench-$name.XXXXXX")
  chmod 755 "$bench_data"
  trap bench_end EXIT
  trap 'exit 130' INT TERM
}

bench_end() {
  local pid
  for pid in "${bench_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${bench_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$bench_data"
}

# bench_start NAME PORT COMMAND…: in the background; fails when nothing listens on the port within 30 seconds.
bench_start() {
  local name=$1 port=$2
  shift 2
  ! listens "$port" || fail "port $port is taken: end what listens there"
  "$@" >".gaia/bench/$name.log" 2>&1 &
  bench_pids+=($!)
  for _ in $(seq 300); do
    if listens "$port"; then return 0; fi
    kill -0 $! 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 ".gaia/bench/$name.log" >&2
  fail "$name did not start, see .gaia/bench/$name.log"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# bench_service PROJECT PORT [NAME=VALUE…]: a service of Gaia, built for release.
bench_service() {
  local project=$1 port=$2
  shift 2
  bench_start "$project-$port" "$port" env -C "$root/$project/bin/Release/net10.0" ASPNETCORE_ENVIRONMENT=Production \
    ASPNETCORE_URLS="http://127.0.0.1:$port" "$@" dotnet "$project.dll"
}

# The three servers, with the password `bench`.
bench_servers() {
  bench_start postgres "$1" env DATA="$bench_data/postgres" PORT="$1" PASSWORD=bench sh Gaia.AppHost/Native/postgres.sh
  bench_start redis "$2" env DATA="$bench_data/redis" PORT="$2" PASSWORD=bench sh Gaia.AppHost/Native/redis.sh
  bench_start nats "$3" env DATA="$bench_data/nats" PORT="$3" MONITORING_PORT="$4" PASSWORD=bench sh Gaia.AppHost/Native/nats.sh
  servers=(
    "ConnectionStrings__gaia=Host=127.0.0.1;Port=$1;Username=postgres;Password=bench;Database=gaia"
    "ConnectionStrings__redis=127.0.0.1:$2,password=bench"
    "ConnectionStrings__nats=nats://nats:bench@127.0.0.1:$3"
  )
}
