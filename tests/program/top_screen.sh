#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-top on a terminal, by tmux: what is on the screen, the keys, and the terminal afterwards.
. "$(dirname "$0")/common.sh"

command -v tmux >/dev/null || skip "tmux is not installed"
export LC_ALL=C.UTF-8
socket=$temp/tmux
t() { tmux -S "$socket" -f /dev/null "$@"; }
trap 't kill-server 2>/dev/null; cleanup' EXIT

zoe-capture --quiet -n "$pool" test:320x240@30 &
capture=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
poster --label taker "$pool" &
poster --label stopped "$pool" &
stopped=$!
until_true served 2
kill -STOP "$stopped"

# A shell in a terminal; each line that is sent there begins with a shell that waits for one.
t new-session -d -x 200 -y 24 "PATH='$PATH' PS1='ready> ' LC_ALL=C bash --norc --noprofile" || skip "tmux does not run here"
# shows PATTERN: it is on the screen. lacks PATTERN: it is not, but the screen is zoe-top's.
shows() { t capture-pane -p | grep -Eq -- "$1"; }
lacks() { shows 'zoe-top ..:..:..' && ! shows "$1"; }
press() { t send-keys "$@"; }
see() { until_true shows "$1" || t capture-pane -p >&2; }
see_not() { until_true lacks "$1" || t capture-pane -p >&2; }
settings() { t send-keys "stty -a | tail -n +2 >$temp/stty.$1; echo did-$1" Enter; see "^did-$1"; }

see '^ready>'
settings before
press "zoe-top -d 0.2 $pool" Enter
until_true shows "^zoe-top ..:..:.. +1 pool, 1 live +2 readers .* every 0.2 s   by name" || {
	shows 'built without ncurses' && skip "zoe-top was built without ncurses"
}
see "^$pool +live +yuv420p +320x240 +[0-9.]+ .* $capture zoe-capture"
see "^$pool +taker +[0-9]+ +[0-9]+\.[0-9]( +[0-9.]+(ns|us|ms|s)){4} .* latest "
see "^$pool +stopped +[0-9]+ +0\.0( +-){4} "
t capture-pane -pe | grep -q $'\e\[1mPOOL ' || fail "the heading is not bold"
t capture-pane -pe | grep -Eq $'\e\\[31m *0\\.0' || {
	t capture-pane -pe | cat -v >&2
	fail "the stopped one is not red"
}

# It looks again by itself.
frames() { t capture-pane -p | awk -v pool="$pool" '$1 == pool && $2 == "live" { print $6 }'; }
before=$(frames)
more() { [ "$(frames)" -gt "$before" ]; }
until_true more

# order A B: in this order they stand there.
order() { t capture-pane -p | awk -v a="$1" -v b="$2" '$2 == a { x = NR } $2 == b { y = NR } END { exit !(x && y && x < y) }'; }
until_true order stopped taker
press P
see 'by fps'
until_true order taker stopped
press D
see 'by drops'
until_true order stopped taker
press R
see 'by drops, reversed'
until_true order taker stopped
press R T
see 'by age'
press M
see 'by memory'
press N
see 'by name'
press h
see 'change the delay'
press Escape
see "^$pool +live"
press z
see 'No such key'

# The delay: what is not one is refused, Escape forgets it, and none is looked at while it is 1000 s, but for space.
press d x Enter
see 'That is no delay'
press s 7 Escape
see 'every 0.2 s'
press d 1 0 0 1 BSpace 0 Enter
see 'every 1000 s'
before=$(frames)
sleep 0.5
[ "$(frames)" = "$before" ] || fail "it looks though its time has not come"
press Space
until_true more

# A stopped capture is a state in red, and one of those that i hides.
press d 0 . 2 Enter
kill -STOP "$capture"
see "^$pool +stalled"
t capture-pane -pe | grep -q $'\e\[31mstalled' || fail "stalled is not red"
press i
see_not "^$pool "
see 'idle ones hidden'
kill -CONT "$capture"
see "^$pool +live"
press i

# A small terminal: what is on the right is cut, nothing wraps, and one can go there. The heading stays.
t resize-window -x 28 -y 7
see "^POOL +STATE +FORMAT"
no_wrapping() { [ "$(t capture-pane -p | grep -c .)" -eq 5 ] && [ "$(t capture-pane -p | grep -c "^$pool")" -eq 2 ]; }
until_true no_wrapping
shows WRITER && fail "it is not cut: $(t capture-pane -p)"
press Right
see_not "^POOL +STATE"
see "^POOL "
see "^$pool "
press Left
see "^POOL +STATE"
press Down
see_not "^$pool +live"
[ "$(t capture-pane -p | sed -n '3s/ .*//p')" = POOL ] || fail "the heading is gone: $(t capture-pane -p)"
press End
see "^$pool +taker"
press Home
see "^$pool +live"
# Two keys that come together, as on a busy machine.
press Down
see_not "^$pool +live"
press End Home
see "^$pool +live"
t resize-window -x 200 -y 24
see "^$pool .* zoe-capture"

# Ends: q, Ctrl-C, SIGTERM, N looks; always with the terminal as it was, and with 0.
ends() {
	see '^ready>$'
	settings "$1"
	cmp -s "$temp/stty.before" "$temp/stty.$1" || fail "$1 leaves another terminal: $(diff "$temp/stty.before" "$temp/stty.$1")"
}
again() {
	press "clear; zoe-top $* $pool; echo status \$?" Enter
	see '^zoe-top ..:..:..'
}
press q
ends q
again
press C-c
see '^status 0'
ends interrupt
again
pid=$(t list-panes -F '#{pane_pid}')
read -r top <"/proc/$pid/task/$pid/children"
kill -TERM "$top"
see '^status 0'
ends term
again -d 0.1 -n 3
see '^status 0'
ends iterations

# Where there is no moving about on the screen it is a list, and says why.
press "clear; TERM=dumb zoe-top $pool; echo dumb-status \$?" Enter
see '^dumb-status 0'
shows 'no live table here' || fail "TERM=dumb: $(t capture-pane -p)"
shows "^$pool +taker" || fail "TERM=dumb has no list: $(t capture-pane -p)"

kill -KILL "$stopped"
kill "$capture"
wait "$capture" || fail "capture failed: $?"
finish
