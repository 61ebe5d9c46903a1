gaia_bench() {
  local name=${1:-}
  [ -n "$name" ] && [ -f "bench/$name.sh" ] && [ "$name" != processes ] ||
    fail "say which benchmark: $(cd bench && ls -- *.sh | grep -v '^processes' | sed 's/\.sh$//' | tr '\n' ' ')"
  require_sdk
  # shellcheck source=/dev/null
  source bench/processes.sh
  # shellcheck source=/dev/null
  source "bench/$name.sh"
  "bench_$name"
}
