# ./gaia bench chat: what the whole path of an answer costs, beside Portkey's gateway in front of the same provider.

# Gaia authenticates, limits and keeps every message and call: `gaia` begins a conversation with each request, `gaia-goes-on`
# goes on with one of many. Portkey does none of this. `direct` is the provider itself, which is a mock.
chat_targets=(direct portkey gaia gaia-goes-on)
chat_streamed=(direct portkey gaia)
declare -A chat_ports=([direct]=18731 [portkey]=18732 [gaia]=18733 [gaia-goes-on]=18733)
chat_rounds=${GAIA_BENCH_ROUNDS:-3}
chat_seconds=4
chat_key=bench-key-of-one-run-only
chat_steps=(16 32 64 128 256 384 512)

bench_chat() {
  install_missing servers wrk
  have npm || fail "npm is missing: install Node, to set Gaia beside Portkey's gateway"
  ask_feed
  bench_build Gaia.Auth Gaia.Chat Gaia.Gateway
  chat_install_portkey
  bench_begin chat
  chat_start
  chat_measure
}

chat_install_portkey() {
  local folder=.gaia/bench/portkey
  mkdir -p "$folder"
  cmp -s bench/portkey/package-lock.json "$folder/node_modules/.installed" && return
  say "Installing from npm: @portkey-ai/gateway"
  cp bench/portkey/package.json bench/portkey/package-lock.json "$folder"
  # No scripts: the package's own would patch its build tools.
  npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" >.gaia/install.log 2>&1 || fail "npm ci failed, see .gaia/install.log"
  cp bench/portkey/package-lock.json "$folder/node_modules/.installed"
}

chat_start() {
  local servers provider=http://127.0.0.1:${chat_ports[direct]} service_key=0123456789abcdef0123456789abcdef
  bench_servers 18741 18742 18743 18744
  bench_start provider "${chat_ports[direct]}" env ASPNETCORE_URLS="$provider" dotnet "$bench_program" provider
  bench_start portkey "${chat_ports[portkey]}" env NODE_ENV=production TRUSTED_CUSTOM_HOSTS=127.0.0.1 \
    node --import "$root/bench/portkey/loopback.mjs" .gaia/bench/portkey/node_modules/@portkey-ai/gateway/build/start-server.js \
    --headless "--port=${chat_ports[portkey]}"

  bench_service Gaia.Auth 18734 "${servers[@]}" "API_KEY=$chat_key" "Auth__ServiceKeys__gateway=$service_key" "Auth__ServiceKeys__chat=$service_key" \
    "Gaia__EncryptionKey=$(head -c 32 /dev/urandom | base64)"
  bench_service Gaia.Chat 18735 "${servers[@]}" "Gaia__ServiceKey=$service_key" services__auth__http__0=http://127.0.0.1:18734 \
    Providers__DefaultProvider=openai "Providers__OpenAI__BaseUrl=$provider/v1"
  bench_service Gaia.Gateway "${chat_ports[gaia]}" "${servers[@]}" "${generous_limits[@]}" "API_KEY=$chat_key" "Gaia__ServiceKey=$service_key" \
    Logging__LogLevel__Gaia.Gateway.Edge.AccessLogMiddleware=Warning \
    services__auth__http__0=http://127.0.0.1:18734 services__chat__http__0=http://127.0.0.1:18735
  chat_first_answer
}

# Waits for Gaia's first answer, which comes once all of it is up.
chat_first_answer() {
  local url headers
  chat_target gaia
  for _ in $(seq 60); do
    if curl --silent --fail --max-time 10 --output /dev/null -H "${headers[0]}" -H 'Content-Type: application/json' -d '{"message": "bench 8 0"}' "$url"; then
      echo "1 0" >>"$bench_data/answers"
      return
    fi
    sleep 1
  done
  fail "Gaia does not answer, see .gaia/bench"
}

# chat_target NAME: sets url and headers.
chat_target() {
  local origin=http://127.0.0.1:${chat_ports[$1]}
  case $1 in
    direct) url=$origin/v1/chat/completions headers=() ;;
    portkey)
      url=$origin/v1/chat/completions
      headers=("x-portkey-provider: openai" "x-portkey-custom-host: http://127.0.0.1:${chat_ports[direct]}/v1" "Authorization: Bearer none")
      ;;
    gaia*) url=$origin/api/v1/chat headers=("X-API-Key: $chat_key") ;;
  esac
}

chat_sql() { PGPASSWORD=bench psql -h 127.0.0.1 -p 18741 -U postgres -d gaia -AtX -c "$1"; }

# chat_wrk TARGET CONNECTIONS SECONDS: as bench_wrk, and counts the answers of Gaia.
chat_wrk() {
  local url headers arguments=(-s bench/chat.lua) header result
  chat_target "$1"
  for header in "${headers[@]}"; do arguments+=(-H "$header"); done
  result=$(CONVERSATIONS=$([ "$1" != gaia-goes-on ] || echo "$bench_data/conversations") bench_wrk "$url" "$2" "$3" "${arguments[@]}") || return
  # wrk leaves in the middle of as many requests as it has connections.
  case $1 in gaia*) echo "${result##* } $2" >>"$bench_data/answers" ;; esac
  echo "${result% *}"
}

chat_stream() {
  local url headers result
  chat_target "$2"
  result=$(dotnet "$bench_program" "$1" "$url" "$3" "${headers[@]}") || fail "$2 did not answer every stream"
  # shellcheck disable=SC2086
  case $2 in gaia*) chat_answers "$1" "$3" $result >>"$bench_data/answers" ;; esac
  echo "$result"
}

# chat_answers MEASUREMENT COUNT RESULT…: how many answers Gaia.Bench read, with its first ones, and how many broke off.
chat_answers() {
  if [ "$1" = first ]; then echo "$(($2 + 50)) 0"; else echo "$(($4 - $5 + 4)) $5"; fi
}

chat_measure() {
  local raw=$bench_data/raw first=$bench_data/first held=$bench_data/held connections round target name result
  say "Warming up…"
  for target in direct portkey gaia; do bench_warm chat_wrk "$target" 16 5; done
  chat_sql 'SELECT id FROM conversations ORDER BY random() LIMIT 20000' >"$bench_data/conversations"
  bench_warm chat_wrk gaia-goes-on 16 5

  for connections in 1 16; do
    for round in $(seq "$chat_rounds"); do
      say "Measuring with $connections connection(s), round $round of $chat_rounds…"
      for target in "${chat_targets[@]}"; do
        result=$(chat_wrk "$target" "$connections" "$chat_seconds")
        echo "$connections $target $result" >>"$raw"
      done
    done
  done

  for round in $(seq "$chat_rounds"); do
    say "Measuring the time to the first token, round $round of $chat_rounds…"
    for target in "${chat_streamed[@]}"; do
      result=$(chat_stream first "$target" 300)
      echo "$target $result" >>"$first"
    done
  done

  for target in "${chat_streamed[@]}"; do chat_hold "$target" >>"$held"; done
  chat_count_rows

  name=bench/results/chat-$(date -u +%Y%m%dT%H%M%SZ)
  {
    bench_table "$raw" portkey "$bench_data/rows.json" "${chat_targets[@]}"
    chat_table_streams "$first" "$held" "$bench_data/streams.json"
    cat "$bench_data/rows"
  } | tee "$name.txt"
  printf '{"cores": %d, "results": %s, "streams": %s, "rows": "%s"}\n' \
    "$(nproc)" "$(cat "$bench_data/rows.json")" "$(cat "$bench_data/streams.json")" "$(cat "$bench_data/rows")" >"$name.json"
  say "Written to $name.txt and $name.json"
}

# How many paced streams a target holds: prints "target streams p99 max", of the last step that it held. A step may be tried
# twice, for the machine has other things to do.
chat_hold() {
  local target=$1 step result best="0 0 0"
  for step in "${chat_steps[@]}"; do
    say "Holding $step streams of $target…" >&2
    result=$(chat_stream streams "$target" "$step")
    [ "${result%% *}" = held ] || result=$(chat_stream streams "$target" "$step")
    echo "$target $step: $result" >>.gaia/bench/held.log
    [ "${result%% *}" = held ] || break
    best="$step ${result#* * * * }"
  done
  echo "$target $best"
}

chat_table_streams() {
  awk -v json="$3" -v order="${chat_streamed[*]}" -v heldfile="$2" '
    { n = ++count[$1]; first[$1, n] = $2; tail[$1, n] = $3 }
    '"$bench_median"'
    END {
      while ((getline line < heldfile) > 0) { split(line, f, " "); held[f[1]] = f[2]; late[f[1]] = f[4] }
      targets = split(order, target, " ")
      printf "\nStreams: time to the first token, one at a time; and how many paced ones (64 pieces, 20 ms) are held, every piece there and none over 100 ms late\n"
      printf "%-12s %12s %9s %12s %12s %14s\n", "", "first p50 ms", "p99 ms", "- direct", "streams", "latest ms"
      printf "[" > json
      for (i = 1; i <= targets; i++) {
        t = target[i]; a = median(first, t); added = a - median(first, "direct")
        printf "%-12s %12.3f %9.3f %+12.3f %12d %14.1f\n", t, a, median(tail, t), added, held[t], late[t]
        printf "%s\n  {\"target\": \"%s\", \"first_token_p50_ms\": %.4f, \"first_token_p99_ms\": %.4f, \"first_token_over_direct_ms\": %.4f, \"streams_held\": %d, \"latest_ms\": %.1f}", \
          (i > 1 ? "," : ""), t, a, median(tail, t), added, held[t], late[t] > json
      }
      print "\n]" > json
    }' "$1"
}

# Fails unless every answer that a client got was kept, with its call, and nothing was kept that nobody asked for.
chat_count_rows() {
  local answers cut calls messages matched
  sleep 1
  read -r answers cut < <(awk '{ a += $1; c += $2 } END { print a, c }' "$bench_data/answers")
  read -r calls messages matched < <(chat_sql "SELECT
      (SELECT count(*) FROM llm_calls WHERE status = 'completed') || ' ' ||
      (SELECT count(*) FROM chat_messages WHERE role = 'assistant' AND finish_reason = 'stop') || ' ' ||
      (SELECT count(*) FROM llm_calls c JOIN chat_messages m ON m.id = c.message_id WHERE c.status = 'completed' AND m.role = 'assistant' AND m.finish_reason = 'stop')")
  echo "Kept with synchronous_commit=$(chat_sql 'SHOW synchronous_commit'): $messages answers and $calls calls, for $answers answers that clients read and at most $cut that they left" >"$bench_data/rows"
  ((calls == messages && calls == matched && calls >= answers && calls <= answers + cut)) || fail "the rows differ from the answers: $(cat "$bench_data/rows")"
}
