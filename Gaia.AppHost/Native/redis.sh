#!/bin/sh
# Runs Redis in the foreground for the AppHost: DATA (folder), PORT, PASSWORD. Loopback only.
set -eu
umask 077
mkdir -p "$DATA"
cat >"$DATA/redis.conf" <<CONF
port $PORT
bind 127.0.0.1 -::1
requirepass $PASSWORD
dir "$DATA"
appendonly yes
daemonize no
CONF
unset PASSWORD
exec redis-server "$DATA/redis.conf"
