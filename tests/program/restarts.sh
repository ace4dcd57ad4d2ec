#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Capture is restarted, as a service is, and killed: who looks at its pool goes on, says so, and ends with the input; what
# --follow changes of that. Usage: restarts.sh ROOT [PYTHON]
. "$(dirname "$0")/common.sh"
root=$1 python=${2:-}
cd "$temp" || exit 1
export SDL_VIDEODRIVER=dummy PYTHONPATH=$root/common/python PYTHONDONTWRITEBYTECODE=1
declare -A pids

start_capture() {
	zoe-capture --quiet -n "$pool" "$@" 2>capture.log &
	capture=$!
	until_true test -e "/dev/shm/zoe.$pool.seats"
}
# The shell says of a killed one that it was.
end_capture() {
	kill -s "$1" "$capture"
	wait "$capture" 2>/dev/null
}
# start NAME COMMAND...: in the background, with what it prints and says in files of its name.
start() {
	local name=$1
	shift
	"$@" >"$name.out" 2>"$name.err" &
	pids[$name]=$!
}
# said NAME PATTERN TIMES
said() { [ "$(grep -cE "$2" "$1.err")" -eq "$3" ]; }
# ends NAME STATUS [PATTERN]: it ends by itself, with this; the last that it says is an error that matches.
ends() {
	local status=0
	wait "${pids[$1]}" || status=$?
	unset "pids[$1]"
	[ "$status" -eq "$2" ] || fail "$1: exit $status instead of $2: $(cat "$1.err")"
	[ -z "${3:-}" ] || tail -n 1 "$1.err" | grep -Eq "error: .*$3" || fail "$1: no '$3' in: $(cat "$1.err")"
}
# Frames of the present pool came to each reader, and a result about one of them to zoe-events.
frames_come() {
	zoe-top --list --json "$pool" >list
	jq -es "map(select(.stale | not).readers[] | select(.received > 0).label) | unique | length == ${#readers[@]}" list &&
		grep -q "\"epoch\":\"$(jq -r .epoch list)\"" events.out
}

start_capture test:320x240@30
start display zoe-display "$pool"
start motion zoe-motion --quiet "$pool"
start brightness zoe-brightness "$pool"
start minimal minimal-reader "$pool"
readers=(display motion brightness minimal)
if [ -n "$python" ]; then
	start python "$python" -m zoetrope "$pool"
	readers+=(python)
fi
if [ -n "$python" ] && "$python" -c 'import cv2' 2>/dev/null; then
	start people "$python" "$root/samples/people.py" "$pool"
	readers+=(people)
fi
if command -v zoe-faces-or-people >/dev/null; then
	start faces zoe-faces-or-people "$pool"
	readers+=(faces)
fi
start events zoe-events "$pool"
until_true frames_come

# Each goes on with the next capture, and says what it waits for, and that it came, once
for how in "TERM 1 stopped" "TERM 2 stopped" "KILL 1 died"; do
	read -r signal times word <<<"$how"
	end_capture "$signal"
	for name in "${readers[@]}" events; do
		until_true said "$name" "the writer of pool '$pool' \(pid $capture\) (was )?$word; waiting for the next one" 1
	done
	start_capture test:320x240@30
	until_true frames_come || cat capture.log ./*.err >&2
	for name in "${readers[@]}" events; do
		kill -0 "${pids[$name]}" || fail "$name is gone: $(cat "$name.err")"
	done
done
for name in "${readers[@]}" events; do
	said "$name" "was stopped" 2 && said "$name" "died" 1 || fail "$name said: $(cat "$name.err")"
	[ "$name" = minimal ] || said "$name" "pool '$pool' is there" 3 || fail "$name said: $(cat "$name.err")"
done

# The end of an input is their end, too
end_capture TERM
start_capture --wait-readers "${#readers[@]}" --frames 90 test:320x240@30
for name in "${readers[@]}" events; do
	ends "$name" 0
done
wait "$capture" || fail "capture: exit $?"

# Not to follow is to end with this capture, which is a failure if it failed or died
for how in "TERM 0" "KILL 1 died"; do
	read -r signal status word <<<"$how"
	start_capture test:320x240@30
	start motion zoe-motion --quiet --follow never "$pool"
	until_true served 1
	end_capture "$signal"
	ends motion "$status" "$word"
	[ "$status" -ne 0 ] || said motion . 0 || fail "an end is no news: $(cat motion.err)"
done

# Always to follow is to go on after the end of an input
start_capture --wait-readers 1 --frames 5 test:320x240@30
start brightness zoe-brightness --follow always "$pool"
until_true said brightness "pool '$pool' has ended; waiting for the next one" 1
wait "$capture" || fail "capture: exit $?"
start_capture test:320x240@30
until_true served 1
kill "${pids[brightness]}"
ends brightness 0
end_capture TERM

# A proof is of one run: a stop is no end of it
start_capture --lossless test:320x240@30
start proof zoe-framemd5 "$pool"
until_true served 1
end_capture TERM
ends proof 1 "was stopped"

# The next capture is there, though its camera is not
start_capture test:320x240@30
start display zoe-display --quiet --json "$pool"
until_true served 1
end_capture TERM
start_capture rtsp://127.0.0.1:1/camera
until_true eval 'zoe-top --list --json "$pool" | jq -es "map(.state == \"source lost\" and (.readers | length) == 1) | any"'
kill "${pids[display]}"
ends display 0
[ "$(member display.out .state)" = "no signal" ] || fail "it is: $(cat display.out)"
end_capture TERM

# The smallest writer is one that somebody stops, too
minimal-writer "$pool" &
capture=$!
start brightness zoe-brightness "$pool"
until_true served 1
end_capture INT
until_true said brightness "was stopped; waiting for the next one" 1
kill "${pids[brightness]}"
ends brightness 0
finish
