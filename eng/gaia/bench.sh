gaia_bench() {
  local name=${1:-}
  case $name in
    edge | chat | web) ;;
    *) fail "say which benchmark: edge, chat, web" ;;
  esac
  require_sdk
  # shellcheck source=/dev/null
  source bench/processes.sh
  # shellcheck source=/dev/null
  source bench/measure.sh
  # shellcheck source=/dev/null
  source "bench/$name.sh"
  "bench_$name"
}
