# ./gaia bench edge: what the gateway costs, beside other proxies in front of the same upstream.

# The gateway counts requests for itself, or with all replicas through Redis; the last one writes its access log, too, which
# no other target does.
edge_targets=(direct nginx yarp gaia-local gaia-shared gaia-logged)
declare -A edge_ports=([direct]=18701 [nginx]=18702 [yarp]=18703 [gaia-local]=18704 [gaia-shared]=18705 [gaia-logged]=18707)
edge_rounds=${GAIA_BENCH_ROUNDS:-3}
edge_seconds=4
edge_key=bench-key-of-one-run-only

bench_edge() {
  install_missing servers wrk nginx
  ask_feed
  say "Building for release…"
  local project
  for project in Gaia.Auth Gaia.Gateway bench/Gaia.Bench; do
    dotnet build "$project" -c Release --nologo -v quiet -clp:NoSummary >.gaia/bench.log 2>&1 || fail "the build failed, see .gaia/bench.log"
  done

  bench_begin edge
  edge_start
  edge_measure
}

edge_start() {
  local servers upstream=http://127.0.0.1:${edge_ports[direct]} generous=() kind
  bench_servers 18711 18712 18713 18714
  bench_start upstream "${edge_ports[direct]}" env ASPNETCORE_URLS="$upstream" dotnet bench/Gaia.Bench/bin/Release/net10.0/Gaia.Bench.dll upstream
  bench_start yarp "${edge_ports[yarp]}" env ASPNETCORE_URLS="http://127.0.0.1:${edge_ports[yarp]}" \
    dotnet bench/Gaia.Bench/bin/Release/net10.0/Gaia.Bench.dll yarp "$upstream"
  edge_nginx

  local service_key=0123456789abcdef0123456789abcdef
  bench_service Gaia.Auth 18706 "${servers[@]}" "API_KEY=$edge_key" "Auth__ServiceKeys__gateway=$service_key" \
    "Gaia__EncryptionKey=$(head -c 32 /dev/urandom | base64)"
  # Limits that count every request and refuse none.
  for kind in Key User; do
    generous+=("Limits__${kind}__Permits=1000000" "Limits__${kind}__Period=00:00:01" "Limits__${kind}__Burst=1000000")
  done
  for kind in local shared logged; do
    bench_service Gaia.Gateway "${edge_ports[gaia-$kind]}" "${servers[@]}" "${generous[@]}" "API_KEY=$edge_key" "Gaia__ServiceKey=$service_key" \
      "Limits__Shared=$([ "$kind" = local ] && echo false || echo true)" \
      "Logging__LogLevel__Gaia.Gateway.Edge.AccessLogMiddleware=$([ "$kind" = logged ] && echo Information || echo Warning)" \
      services__auth__http__0=http://127.0.0.1:18706 "services__chat__http__0=$upstream"
  done
}

edge_nginx() {
  cat >"$bench_data/nginx.conf" <<CONF
worker_processes auto;
pid $bench_data/nginx.pid;
error_log $bench_data/nginx.error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $bench_data; proxy_temp_path $bench_data; fastcgi_temp_path $bench_data; uwsgi_temp_path $bench_data; scgi_temp_path $bench_data;
  upstream target { server 127.0.0.1:${edge_ports[direct]}; keepalive 64; }
  server {
    listen 127.0.0.1:${edge_ports[nginx]};
    keepalive_requests 10000000;
    location / { proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
CONF
  bench_start nginx "${edge_ports[nginx]}" "$(PATH=$PATH:/usr/sbin command -v nginx)" -c "$bench_data/nginx.conf" -g 'daemon off;'
}

# Prints "requests-per-second p50 p99", latencies in milliseconds.
edge_wrk() {
  local target=$1 connections=$2 seconds=$3 output
  output=$(wrk --threads 1 --connections "$connections" --duration "${seconds}s" --latency -H "X-API-Key: $edge_key" \
    "http://127.0.0.1:${edge_ports[$target]}/api/v1/conversations")
  ! grep -qE 'Non-2xx|Socket errors' <<<"$output" || fail "$target did not answer every request:"$'\n'"$output"
  awk '
    function ms(text) { return text ~ /us$/ ? text / 1000 : text ~ /ms$/ ? text + 0 : text * 1000 }
    $1 == "50%" { p50 = ms($2) } $1 == "99%" { p99 = ms($2) } $1 == "Requests/sec:" { rate = $2 }
    END { printf "%.1f %.4f %.4f\n", rate, p50, p99 }' <<<"$output"
}

edge_measure() {
  local raw=$bench_data/raw target connections round name
  say "Warming up…"
  # Long enough for the runtime to have compiled what is hot, which would go on beside the measurement.
  for target in "${edge_targets[@]}"; do edge_wrk "$target" 16 12 >/dev/null; done
  for connections in 1 16; do
    for round in $(seq "$edge_rounds"); do
      say "Measuring with $connections connection(s), round $round of $edge_rounds…"
      for target in "${edge_targets[@]}"; do
        echo "$connections $target $(edge_wrk "$target" "$connections" "$edge_seconds")" >>"$raw"
      done
    done
  done

  name=bench/results/edge-$(date -u +%Y%m%dT%H%M%SZ)
  edge_report "$raw" "$name.json" | tee "$name.txt"
  say "Written to $name.txt and $name.json"
}

# The medians of the rounds, as a table with ratios and as JSON.
edge_report() {
  sort -k1,1n -k2,2 -k3,3n "$1" | awk -v json="$2" -v order="${edge_targets[*]}" -v cores="$(nproc)" '
    { n = ++count[$1, $2]; rate[$1, $2, n] = $3; p50[$1, $2, n] = $4; p99[$1, $2, n] = $5 }
    function median(values, c, t,   i, j, m, list, x) {
      m = count[c, t]
      for (i = 1; i <= m; i++) list[i] = values[c, t, i]
      for (i = 2; i <= m; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { x = list[j]; list[j] = list[j - 1]; list[j - 1] = x }
      return list[int((m + 1) / 2)]
    }
    END {
      targets = split(order, target, " ")
      printf "{\"cores\": %d, \"results\": [", cores > json
      split("1 16", sizes, " ")
      for (s = 1; s <= 2; s++) {
        c = sizes[s]
        printf "\n%d connection(s), %d cores shared by all\n%-12s %12s %9s %9s %10s %12s\n", c, cores, "", "requests/s", "p50 ms", "p99 ms", "x of yarp", "p50 - yarp"
        for (i = 1; i <= targets; i++) {
          t = target[i]
          r = median(rate, c, t); a = median(p50, c, t); b = median(p99, c, t)
          ratio = r / median(rate, c, "yarp"); added = a - median(p50, c, "yarp")
          printf "%-12s %12.0f %9.3f %9.3f %10.2f %+12.3f\n", t, r, a, b, ratio, added
          printf "%s\n  {\"connections\": %d, \"target\": \"%s\", \"requests_per_second\": %.1f, \"p50_ms\": %.4f, \"p99_ms\": %.4f, \"throughput_of_yarp\": %.4f, \"p50_over_yarp_ms\": %.4f}", \
            (s > 1 || i > 1 ? "," : ""), c, t, r, a, b, ratio, added > json
        }
      }
      print "\n]}" > json
    }'
}
