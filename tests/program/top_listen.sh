#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-top --listen: the metrics over HTTP, to whoever asks well, whatever others do meanwhile, and the same series after
# restarts. Usage: top_listen.sh SUPPORT
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/exposition.sh"
clients=$1/http_clients.py
python3 -c 'import socket' 2>/dev/null || skip "python3 is not installed"
zoe-top --listen 0 --json >/dev/full 2>"$temp/err"
grep -q 'built without libmicrohttpd' "$temp/err" && skip "zoe-top was built without libmicrohttpd"
grep -q 'cannot write to stdout' "$temp/err" || fail "what cannot be said: $(cat "$temp/err")"

start_capture() {
	zoe-capture --quiet -n "$pool" test:320x240@30 &
	capture=$!
	until_true test -e "/dev/shm/zoe.$pool.seats"
}
start_capture
poster --label twin "$pool" &
first=$!
until_true served 1
poster --label twin "$pool" &
until_true served 2 '.age_us.count > 0'

zoe-top --listen 0 "$pool" 2>"$temp/said" &
top=$!
until_true grep -q metrics "$temp/said"
port=$(sed -En 's|^zoe-top: serving http://127\.0\.0\.1:([0-9]+)/metrics$|\1|p' "$temp/said")
[ "$(wc -l <"$temp/said")" -eq 1 ] && [ -n "$port" ] || fail "said: $(cat "$temp/said")"
look() { timeout 60 "$clients" "$port" "$@" >"$temp/body" 2>"$temp/head"; }
# What never answers is no server to go on with.
ask() { look "$@" || { fail "no answer to $*"; exit 1; }; }
answers() {
	head -n 1 "$temp/head" | grep -q "^HTTP/1.1 $1 " || fail "not $1: $(cat "$temp/head")"
	[ -z "${2:-}" ] || grep -qi "$2" "$temp/head" || fail "no $2: $(cat "$temp/head")"
}

# What Prometheus asks for, and each time anew.
ask get /metrics
answers 200 '^Content-Type: text/plain; version=0.0.4'
grep -qi "^Content-Length: $(stat -c %s "$temp/body")$" "$temp/head" || fail "length: $(cat "$temp/head")"
exposition "$temp/body" 4
cp "$temp/body" "$temp/earlier"
received() { sed -n 's/^zoetrope_reader_frames_received_total{.*nth="1".* //p' "$1"; }
grown() { look get /metrics && [ "$(received "$temp/body")" -gt "$(received "$temp/earlier")" ]; }
until_true grown

# What else may be asked, and what may not.
ask get '/metrics?x=y'
answers 200
ask get /metrics HEAD
answers 200 '^Content-Length: [1-9]'
[ ! -s "$temp/body" ] || fail "HEAD has a body: $(head -n 1 "$temp/body")"
ask get /
answers 404
[ "$(cat "$temp/body")" = "Not here: the metrics are at /metrics." ] || fail "404: $(cat "$temp/body")"
ask get /metrics POST
answers 405 '^Allow: GET, HEAD'
refused() {
	ask say "$1"
	[ ! -s "$temp/body" ] || head -n 1 "$temp/body" | grep -Eq '^HTTP/1\.[01] 4[0-9][0-9] ' || fail "$1: $(head -n 1 "$temp/body")"
}
refused 'nothing that is HTTP\r\n\r\n'
refused "GET /metrics HTTP/1.1\r\nHost: x\r\nX: $(head -c 20000 /dev/zero | tr '\0' x)\r\n\r\n"
ask say 'GET /metrics HTTP/1.0\r\n\r\n'
grep -q '^HTTP/1\.. 200 ' "$temp/body" || fail "HTTP/1.0: $(head -n 1 "$temp/body")"
ask reset 20
ask get /metrics
answers 200

# More who say nothing than there is room for: they are shown out, and who asks well is answered. The other server has
# hardly any descriptors, and does not run in circles for want of them.
(ulimit -n 14 && exec zoe-top --listen 0 "$pool") 2>"$temp/poor-said" &
poor=$!
until_true grep -q metrics "$temp/poor-said"
poor_port=$(sed -En 's|.*:([0-9]+)/metrics$|\1|p' "$temp/poor-said")
"$clients" "$port" crowd 24 >"$temp/crowd" &
"$clients" "$poor_port" crowd 12 >"$temp/poor-crowd" &
until_true grep -q ready "$temp/crowd"
until_true grep -q ready "$temp/poor-crowd"
ask get /metrics
answers 200
until_true grep -q gone "$temp/crowd" || exit 1
until_true grep -q gone "$temp/poor-crowd" || exit 1
ask get /metrics
answers 200
exposition "$temp/body" 4
timeout 60 "$clients" "$poor_port" get /metrics >"$temp/poor" 2>"$temp/head" && answers 200
for server in "$top" "$poor"; do
	ticks=$(awk '{ print $14 + $15 }' "/proc/$server/stat")
	[ "$ticks" -lt $((2 * $(getconf CLK_TCK))) ] || fail "$ticks ticks of processor time"
done

# A reader that comes back, and a capture, are the same series; when the capture was started is a value.
series() { grep -v '^#' "$temp/body" | sed 's/ [^ ]*$//' | sort >"$1"; }
created() { sed -n 's/^zoetrope_pool_created_timestamp_seconds{.*} //p' "$temp/body"; }
series "$temp/series"
began=$(created)
kill -KILL "$first"
wait "$first" 2>/dev/null
one_left() { look get /metrics && grep -q '^zoetrope_pool_readers{.*} 1$' "$temp/body"; }
until_true one_left
grep -q '^zoetrope_reader_alive{.*nth="2"} 1$' "$temp/body" || fail "the second is now: $(grep reader_alive "$temp/body")"
poster --label twin "$pool" &
same_series() { look get /metrics && series "$temp/series2" && cmp "$temp/series" "$temp/series2"; }
until_true same_series || diff "$temp/series" "$temp/series2" >&2
[ "$(created)" = "$began" ] || fail "it began at $began, and at $(created)"
kill "$capture"
wait "$capture" || fail "capture failed: $?"
start_capture
restarted() { same_series && [ "$(created)" != "$began" ]; }
poster --label twin "$pool" &
poster --label twin "$pool" &
until_true restarted || diff "$temp/series" "$temp/series2" >&2
exposition "$temp/body" 4
! grep -Eq '[{,](pid|seat|epoch|writer_pid)=' "$temp/body" || fail "labels: $(grep -Em 1 'pid=|seat=|epoch=' "$temp/body")"

# What cannot be is said.
refuses 1 "127.0.0.1:$port is in use" zoe-top --listen "$port"
refuses 1 '192.0.2.1:9099: Cannot assign' zoe-top --listen 192.0.2.1:9099
for wrong in 65536 -1 x localhost:9099 :9099 127.0.0.1: 1.2.3.4.5:6 ::1:9099 '[::1]' '[::1' '[x]:1' '[]:1'; do
	refuses 2 'expected PORT or ADDRESS:PORT' zoe-top --listen="$wrong"
done
for other in --clean --list --batch '--prometheus -'; do
	# shellcheck disable=SC2086
	refuses 2 'goes with --json alone' zoe-top --listen 0 $other
done
refuses 2 'expected with --batch' zoe-top --listen 0 -d 2

# Wider than this machine: with a word of warning. As an event: on standard output.
zoe-top --json --listen '0.0.0.0:0' >"$temp/event" 2>"$temp/warned" &
wide=$!
until_true grep -q 'no authentication' "$temp/warned"
jq -e '.event == "serving" and (.url | test("^http://0\\.0\\.0\\.0:[1-9][0-9]*/metrics$"))' "$temp/event" >/dev/null ||
	fail "event: $(cat "$temp/event")"
kill -INT "$wide"
kill -TERM "$top" "$poor"
for ended in "$wide" "$top" "$poor"; do
	wait "$ended" || fail "told to end: exit $?"
done
kill "$capture"
wait "$capture" || fail "capture failed: $?"
finish
