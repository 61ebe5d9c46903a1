# ./gaia bench edge: what the gateway costs, beside other proxies in front of the same upstream.

# The gateway counts requests for itself, or with all replicas through Redis; the last one writes its access log, too, which
# no other target does.
edge_targets=(direct nginx yarp gaia-local gaia-shared gaia-logged)
declare -A edge_ports=([direct]=18701 [nginx]=18702 [yarp]=18703 [gaia-local]=18704 [gaia-shared]=18705 [gaia-logged]=18707)
edge_rounds=${GAIA_BENCH_ROUNDS:-5}
edge_seconds=4
edge_key=bench-key-of-one-run-only

bench_edge() {
  install_missing servers wrk nginx
  ask_feed
  bench_build Gaia.Auth Gaia.Gateway
  bench_begin edge
  edge_start
  edge_measure
}

edge_start() {
  local servers upstream=http://127.0.0.1:${edge_ports[direct]} kind
  bench_servers 18711 18712 18713 18714
  bench_start upstream "${edge_ports[direct]}" env ASPNETCORE_URLS="$upstream" dotnet "$bench_program" upstream
  bench_start yarp "${edge_ports[yarp]}" env ASPNETCORE_URLS="http://127.0.0.1:${edge_ports[yarp]}" \
    dotnet "$bench_program" yarp "$upstream"
  edge_nginx

  local service_key=0123456789abcdef0123456789abcdef
  bench_service Gaia.Auth 18706 "${servers[@]}" "API_KEY=$edge_key" "Auth__ServiceKeys__gateway=$service_key" \
    "Gaia__EncryptionKey=$(head -c 32 /dev/urandom | base64)"
  for kind in local shared logged; do
    bench_service Gaia.Gateway "${edge_ports[gaia-$kind]}" "${servers[@]}" "${generous_limits[@]}" "API_KEY=$edge_key" "Gaia__ServiceKey=$service_key" \
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

edge_wrk() {
  bench_wrk "http://127.0.0.1:${edge_ports[$1]}/api/v1/conversations" "$2" "$3" -H "X-API-Key: $edge_key"
}

edge_measure() {
  local raw=$bench_data/raw target connections round name result
  say "Warming up…"
  for target in "${edge_targets[@]}"; do bench_warm edge_wrk "$target" 16 5; done
  for connections in 1 16; do
    for round in $(seq "$edge_rounds"); do
      say "Measuring with $connections connection(s), round $round of $edge_rounds…"
      for target in "${edge_targets[@]}"; do
        result=$(edge_wrk "$target" "$connections" "$edge_seconds")
        echo "$connections $target $result" >>"$raw"
      done
    done
  done

  name=bench/results/edge-$(date -u +%Y%m%dT%H%M%SZ)
  bench_table "$raw" yarp "$bench_data/rows.json" "${edge_targets[@]}" | tee "$name.txt"
  printf '{"cores": %d, "results": %s}\n' "$(nproc)" "$(cat "$bench_data/rows.json")" >"$name.json"
  say "Written to $name.txt and $name.json"
}
