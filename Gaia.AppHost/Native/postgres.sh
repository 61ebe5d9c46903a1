#!/bin/sh
# Runs PostgreSQL in the foreground for the AppHost: DATA (folder), PORT, PASSWORD (of the user postgres). Loopback only.
set -eu
umask 077
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || bin=$(dirname "$(command -v postgres)")

# PostgreSQL refuses root. The server also ends when this script is killed.
as_user="setpriv --pdeathsig INT --"
if [ "$(id -u)" = 0 ]; then
  as_user="setpriv --reuid postgres --regid postgres --clear-groups --pdeathsig INT --"
  for folder in /var/lib/gaia "$(dirname "$DATA")"; do mkdir -p "$folder"; chmod 755 "$folder"; done
fi
cd /

own() {
  if [ "$(id -u)" = 0 ]; then chown postgres:postgres "$@"; fi
}

run_sql() {
  printf '%s\n' "$2" | $as_user "$bin/postgres" --single -D "$1" postgres >/dev/null
}

if [ ! -f "$DATA/PG_VERSION" ]; then
  rm -rf "$DATA.new"
  mkdir -p "$DATA.new"
  printf '%s' "$PASSWORD" >"$DATA.password"
  own "$DATA.new" "$DATA.password"
  $as_user "$bin/initdb" -D "$DATA.new" -U postgres -A scram-sha-256 --pwfile="$DATA.password" -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  rm "$DATA.password"
  run_sql "$DATA.new" 'CREATE DATABASE gaia'
  mv "$DATA.new" "$DATA"
elif ! printf '%s' "$PASSWORD" | cmp -s - "$DATA/gaia.password"; then
  # The secrets were made anew and the data was kept.
  run_sql "$DATA" "ALTER ROLE postgres PASSWORD '$PASSWORD'"
fi
printf '%s' "$PASSWORD" >"$DATA/gaia.password"
own "$DATA/gaia.password"
unset PASSWORD

$as_user "$bin/postgres" -D "$DATA" -p "$PORT" -c listen_addresses=localhost -c unix_socket_directories= -c synchronous_commit=on &
server=$!
# On TERM PostgreSQL would wait for its clients to leave; INT ends their sessions.
trap 'kill -INT $server 2>/dev/null || true' TERM INT
code=0
wait $server || code=$?
while kill -0 $server 2>/dev/null; do
  code=0
  wait $server || code=$?
done
exit $code
