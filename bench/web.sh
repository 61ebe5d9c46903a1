# ./gaia bench web: how long a conversation of a thousand messages takes to open beside one of ten, and what the web service's memory
# does while ten people chat.

web_origin=http://127.0.0.1:18756
web_email=reader@example.com
web_opened=${GAIA_BENCH_OPENED:-200}
web_people=10
web_messages=500
web_rounds=5

bench_web() {
  install_missing servers curl
  ask_feed
  bench_build Gaia.Auth Gaia.Chat Gaia.Gateway Gaia.Web
  bench_begin web
  web_start
  web_measure
}

web_start() {
  local servers provider=http://127.0.0.1:18755 service_key=0123456789abcdef0123456789abcdef encryption_key
  encryption_key=$(head -c 32 /dev/urandom | base64)
  bench_servers 18761 18762 18763 18764
  bench_start provider 18755 env ASPNETCORE_URLS="$provider" dotnet "$bench_program" provider
  bench_service Gaia.Auth 18757 "${servers[@]}" "Auth__ServiceKeys__gateway=$service_key" "Auth__ServiceKeys__chat=$service_key" "Gaia__EncryptionKey=$encryption_key"
  bench_service Gaia.Chat 18758 "${servers[@]}" "Gaia__ServiceKey=$service_key" services__auth__http__0=http://127.0.0.1:18757 \
    Providers__DefaultProvider=openai "Providers__OpenAI__BaseUrl=$provider/v1"
  bench_service Gaia.Gateway 18759 "${servers[@]}" Limits__Enabled=false "Gaia__ServiceKey=$service_key" \
    Logging__LogLevel__Gaia.Gateway.Edge.AccessLogMiddleware=Warning \
    services__auth__http__0=http://127.0.0.1:18757 services__chat__http__0=http://127.0.0.1:18758
  bench_service Gaia.Web "${web_origin##*:}" "${servers[@]}" "Gaia__EncryptionKey=$encryption_key" services__gateway__http__0=http://127.0.0.1:18759
  web_pid=${bench_pids[-1]}
}

web_sql() { PGPASSWORD=bench psql -h 127.0.0.1 -p 18761 -U postgres -d gaia -AtqX -v ON_ERROR_STOP=1 -c "$1"; }

# A conversation with so many messages, as a reader would have them: prints its id.
web_conversation() {
  web_sql "WITH begun AS (
      INSERT INTO conversations (user_id, title, preview) SELECT user_id, '$1 messages', 'The last of them' FROM auth_accounts WHERE email = '$web_email' RETURNING id, user_id, created_at),
    said AS (
      INSERT INTO chat_messages (user_id, conversation_id, role, content, finish_reason, created_at)
      SELECT user_id, id, CASE WHEN number % 2 = 0 THEN 'user' ELSE 'assistant' END,
        CASE WHEN number % 2 = 0 THEN 'Question ' || number || ': how is that, and why?'
          ELSE '## Answer ' || number || E'\n\n' || repeat('Some **words** about it, with \`code\` and a [link](https://example.com). ', 5) || E'\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n\`\`\`python\nprint(' || number || E')\n\`\`\`\n' END,
        CASE WHEN number % 2 = 1 THEN 'stop' END, created_at - ($1 - number) * interval '1 second'
      FROM begun, generate_series(0, $1 - 1) AS number)
    SELECT id FROM begun"
}

web_measure() {
  local short long opened=$bench_data/opened memory=$bench_data/memory name
  for _ in $(seq 60); do
    curl --silent --fail --max-time 10 --output /dev/null -H 'Content-Type: application/json' \
      -d "{\"email\": \"$web_email\", \"password\": \"correct horse battery staple\"}" http://127.0.0.1:18759/api/v1/auth/register && break
    sleep 1
  done
  short=$(web_conversation 10)
  long=$(web_conversation 1000)
  [ -n "$short" ] && [ -n "$long" ] || fail "Gaia does not register anybody, see .gaia/bench"
  say "Opening conversations…"
  dotnet "$bench_program" open "$web_origin" "$web_email" "$web_opened" "/chat/$short" "/chat/$long" >"$opened" || fail "the conversations were not opened"
  say "Chatting…"
  dotnet "$bench_program" memory "$web_origin" "$web_pid" "$web_people" "$web_messages" "$web_rounds" >"$memory" || fail "not every message was answered"

  name=bench/results/web-$(date -u +%Y%m%dT%H%M%SZ)
  web_report "$opened" "$memory" "$name.json" | tee "$name.txt"
  say "Written to $name.txt and $name.json"
}

web_report() {
  awk -v json="$3" -v cores="$(nproc)" -v people="$web_people" '
    FNR == NR { p50[FNR] = $1; p99[FNR] = $2; next }
    $1 == "max" { most = $2; next }
    { n++; answered[n] = $1; resident[n] = $2 }
    END {
      printf "Opening a conversation, one request after the other, to the last byte; %d cores shared by all\n%-16s %9s %9s\n", cores, "", "p50 ms", "p99 ms"
      printf "%-16s %9.1f %9.1f\n%-16s %9.1f %9.1f\n%-16s %9.2f %9.2f\n", "10 messages", p50[1], p99[1], "1000 messages", p50[2], p99[2], "ratio", p50[2] / p50[1], p99[2] / p99[1]
      printf "\n%d people chatting: what the web service has in memory\n%-16s %9s\n", people, "messages", "MiB"
      for (i = 1; i <= n; i++) printf "%-16d %9.1f\n", answered[i], resident[i]
      printf "%-16s %9.1f\n", "at most", most
      printf "{\"cores\": %d, \"opened\": [{\"messages\": 10, \"p50_ms\": %s, \"p99_ms\": %s}, {\"messages\": 1000, \"p50_ms\": %s, \"p99_ms\": %s}], \"max_mib\": %s, \"memory\": [", cores, p50[1], p99[1], p50[2], p99[2], most > json
      for (i = 1; i <= n; i++) printf "%s{\"messages\": %d, \"mib\": %s}", (i > 1 ? ", " : ""), answered[i], resident[i] > json
      print "]}" > json
    }' "$1" "$2"
}
