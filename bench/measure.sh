# What benchmarks measure with, and how they print it.

# bench_wrk URL CONNECTIONS SECONDS [ARGUMENT…]: prints "requests-per-second p50 p99 answers", latencies in milliseconds.
bench_wrk() {
  local url=$1 connections=$2 seconds=$3 output
  shift 3
  output=$(wrk --threads 1 --connections "$connections" --duration "${seconds}s" --timeout 10s --latency "$@" "$url")
  ! grep -qE 'Non-2xx|Socket errors' <<<"$output" || fail "$url did not answer every request:"$'\n'"$output"
  awk '
    function ms(text) { return text ~ /us$/ ? text / 1000 : text ~ /ms$/ ? text + 0 : text * 1000 }
    $1 == "50%" { p50 = ms($2) } $1 == "99%" { p99 = ms($2) } $1 == "Requests/sec:" { rate = $2 } $2 == "requests" { answers = $1 }
    END { printf "%.1f %.4f %.4f %d\n", rate, p50, p99, answers }' <<<"$output"
}

# bench_warm COMMAND…: measures with it, five seconds each, until it prints no higher rate three times in a row. The runtime compiles
# what is hot while it is used, for half a minute and more, and takes that time from what it serves.
bench_warm() {
  local best=0 rate stale=0
  for _ in $(seq 20); do
    rate=$("$@")
    rate=${rate%% *}
    if awk "BEGIN { exit !($rate > 1.03 * $best) }"; then best=$rate stale=0; else stale=$((stale + 1)); fi
    [ "$stale" -lt 3 ] || break
  done
}

# The median of values[group, 1..count[group]], for awk.
bench_median='
  function median(values, group,   i, j, m, list, x) {
    m = count[group]
    for (i = 1; i <= m; i++) list[i] = values[group, i]
    for (i = 2; i <= m; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { x = list[j]; list[j] = list[j - 1]; list[j - 1] = x }
    return list[int((m + 1) / 2)]
  }'

# bench_table RAW BASE JSON TARGET…: the medians of the rounds in RAW, lines "connections target rate p50 p99", as a table with
# ratios to the target BASE, and as an array in the file JSON.
bench_table() {
  local raw=$1 base=$2 json=$3
  shift 3
  awk -v json="$json" -v base="$base" -v order="$*" -v cores="$(nproc)" '
    { g = $1 " " $2; n = ++count[g]; rate[g, n] = $3; p50[g, n] = $4; p99[g, n] = $5 }
    '"$bench_median"'
    END {
      targets = split(order, target, " ")
      printf "[" > json
      split("1 16", sizes, " ")
      for (s = 1; s <= 2; s++) {
        c = sizes[s]
        printf "\n%d connection(s), %d cores shared by all\n%-12s %12s %9s %9s %12s %14s\n", c, cores, "", "requests/s", "p50 ms", "p99 ms", "x of " base, "p50 - " base
        for (i = 1; i <= targets; i++) {
          t = target[i]; g = c " " t; origin = c " " base
          r = median(rate, g); a = median(p50, g); b = median(p99, g)
          ratio = r / median(rate, origin); added = a - median(p50, origin)
          printf "%-12s %12.0f %9.3f %9.3f %12.2f %+14.3f\n", t, r, a, b, ratio, added
          printf "%s\n  {\"connections\": %d, \"target\": \"%s\", \"requests_per_second\": %.1f, \"p50_ms\": %.4f, \"p99_ms\": %.4f, \"throughput_of_%s\": %.4f, \"p50_over_%s_ms\": %.4f}", \
            (s > 1 || i > 1 ? "," : ""), c, t, r, a, b, base, ratio, base, added > json
        }
      }
      print "\n]" > json
    }' "$raw"
}
