#!/bin/sh
# Runs NATS with JetStream in the foreground for the AppHost: DATA (folder), PORT, MONITORING_PORT, PASSWORD (of the user nats). Loopback only.
set -eu
umask 077
PATH=$PATH:/usr/sbin
mkdir -p "$DATA"
cat >"$DATA/nats.conf" <<CONF
host: "127.0.0.1"
port: $PORT
http: "127.0.0.1:$MONITORING_PORT"
authorization { user: "nats", password: "$PASSWORD" }
jetstream { store_dir: "$DATA" }
CONF
unset PASSWORD
exec nats-server -c "$DATA/nats.conf"
