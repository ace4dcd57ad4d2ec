#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# zoe-bench peers: every way that there is delivers, one that does not is said, and nothing is left. Never its times.
. "$(dirname "$0")/common.sh"

# Others may measure at the same time, so one looks for names with that zoe-bench's number alone.
alone() {
	pgrep -x iox-roudi || [ ! -e /dev/shm/iceoryx_mgmt ]
}

# tidy PID WHAT: that zoe-bench has left nothing, and nobody runs for it.
tidy() {
	local left
	left=$(find /dev/shm /tmp -maxdepth 1 -name "*zoe-peers-$1-*"; pgrep -fa "zoe-peers-$1-")
	[ -z "$left" ] || fail "left behind by $2: $left"
	until_true alone || fail "RouDi's memory is left behind by $2"
}

# Succeeds when nothing has failed but somebody else's program. On a busy machine RouDi asserts now and then, and shmsink is late.
foreign_failure() {
	jq -e '[.notes[] | select(startswith("failed"))] | length > 0 and all(.[]; test("zoetrope|socket|pipe") | not)' \
		"$temp/out" >/dev/null 2>&1
}

# peers CODE OPTION...: it exits with CODE; output in $temp/out, and nothing is left. What should go well and did not
# for others' sake has two more tries.
peers() {
	local code=$1 status pid
	shift
	for _ in 1 2 3; do
		status=0
		zoe-bench peers "$@" >"$temp/out" 2>"$temp/err" </dev/null &
		pid=$!
		wait $pid || status=$?
		[ "$code" -eq 0 ] || break
		foreign_failure || break
		jq -r '.notes[]' "$temp/out"
	done
	[ "$status" -eq "$code" ] ||
		fail "exit $status instead of $code: peers $* ($(head -c 1000 "$temp/out" "$temp/err"))"
	tidy $pid "peers $*"
}

# measured RUNS OPTION...: peers 0, and each row has a figure of so many runs. Beside other work a floor's turn may have
# no frame, and then there is neither figure nor ratio: measured again.
measured() {
	local runs=$1
	shift
	peers 0 --runs "$runs" "$@"
	jq -e "all(.rows[]; .p50_us.runs == $runs)" "$temp/out"
}

# Everything that is there, in two sizes: each frame arrives, of which some may be newer ones.
until_true measured 2 --size 320x240,1280x720 --frames 5 --fps 200 --json
holds '.bench == "peers" and .about.fps == 200 and .about.frames == 5 and .about.runs == 2' \
	'.about.versions | has("zoetrope") and has("kernel") and all(.[]; test("[0-9]"))' \
	'[.rows[] | select(.name | test("zoetrope|socket|pipe"))] | length == 8' \
	'([.rows[].name] | unique | length) == (.rows | length)' \
	'all(.rows[]; .p50_us.median > 0 and .p50_us.runs == 2 and .p50_us.median <= .p90_us.median and
		.p90_us.median <= .p99_us.median)' \
	'all(.rows[]; (.name | test("floor")) or (.received == 10 and .missed >= 0))' \
	'all(.rows[]; (.over_zoetrope_p50 == null) == (.name | test("zoetrope|floor")))' \
	'all(.rows[]; (.over_floor_p50 == null) == (.name | test("floor")))' \
	'all(.notes[]; startswith("failed") | not)' \
	'(.notes | map(select(startswith("not available"))) | length) + (.about.versions | length) == 6'
jq -r '.notes[]' "$temp/out"
# The streams deliver everything, in order.
holds 'all(.rows[] | select(.name | test("socket|pipe")); .missed == 0)' 'all(.rows[]; .missed < 10000)'
iceoryx=$(jq '.about.versions | has("iceoryx")' "$temp/out")

# In one run a ratio is that of its two figures, and who blocks is compared with who blocks.
until_true measured 1 --only zoetrope-poll,pipe,futex-floor,spin-floor --size 64x64 --frames 5 --fps 200 --json
holds '[.rows[].name] == ["futex-floor", "spin-floor", "64x64 zoetrope", "64x64 zoetrope-poll", "64x64 pipe"]' \
	'def near(a; b): (a - b | fabs) < 0.000001 * a;
	 . as {rows: [$futex, $spin, $ours, $polling, $pipe]} |
		near($pipe.over_zoetrope_p50.median; $pipe.p50_us.median / $ours.p50_us.median) and
		near($pipe.over_zoetrope_p99.median; $pipe.p99_us.median / $ours.p99_us.median) and
		near($pipe.over_floor_p50.median; $pipe.p50_us.median / $futex.p50_us.median) and
		near($ours.over_floor_p50.median; $ours.p50_us.median / $futex.p50_us.median) and
		near($polling.over_floor_p50.median; $polling.p50_us.median / $spin.p50_us.median)'

# In place of the real ones, programs that do not behave. peer NAME: a script whose body for "run" comes from stdin.
fakes=$temp/peers
mkdir "$fakes"
cp "$(dirname "$(command -v zoe-bench)")/peers/peer-zoetrope" "$fakes"
peer() {
	{
		printf '#!/bin/sh\n[ "$1" = version ] && echo 1.2.3 && exit\n'
		cat
	} >"$fakes/peer-$1"
	chmod +x "$fakes/peer-$1"
}
# Hangs, does not care for SIGTERM, and has a child; leaves something by its name.
peer kernel <<'END'
trap '' TERM
touch "/dev/shm/$(basename "$3")-memory" "/tmp/$(basename "$3").lock" "/dev/shm/$(printf 'shmpipe.%5d.    0' $$)"
echo $$ >>"$(dirname "$0")/leaders"
sleep 100 &
echo $! >>"$(dirname "$0")/children"
wait
END
# Dies with a word on it; as the second turn shows, is not tried again.
peer zeromq <<'END'
echo "run" >>"$(dirname "$0")/tries"
echo "peer-zeromq: error: no socket today" >&2
exit 3
END
# Ends as if all were well, without a figure for each frame; dies by a signal.
peer gstreamer <<'END'
[ "$2" = copy ] || kill -SEGV $$
echo 1000
echo "missed 0"
END
# Cannot run at all.
printf '#!/bin/sh\necho "it has no numpy"\nexit 1\n' >"$fakes/peer-python"
chmod +x "$fakes/peer-python"

peers 1 --peers "$fakes" --size 64x64 --frames 5 --runs 2 --fps 200 --timeout 5 --json
holds '[.rows[] | select(.received == 10) | .name] - ["futex-floor", "spin-floor"] ==
		["64x64 zoetrope", "64x64 zoetrope-poll"]' \
	'all(.rows[] | select(.name | test("zeromq|gstreamer|socket|pipe")); .received == 0 and .p50_us == null)' \
	'.notes | any(.[]; test("^failed: 64x64 socket .not done after [0-9.]+ s, and killed"))' \
	'.notes | index("failed: 64x64 zeromq (no socket today)")' \
	'.notes | index("failed: 64x64 gstreamer (it did not say how long each frame took)")' \
	'.notes | index("failed: 64x64 gstreamer-in-place (killed by signal 11)")' \
	'.notes | index("not available: iceoryx (libiceoryx-posh-dev was not there at build time)")' \
	'.notes | index("not available: python (it has no numpy)")'
[ "$(wc -l <"$fakes/tries")" -eq 1 ] || fail "what failed was tried again"
[ "$(wc -l <"$fakes/children")" -eq 2 ] || fail "socket and pipe did not hang"
while read -r child; do
	until_true test ! -e "/proc/$child"
done <"$fakes/children"
while read -r leader; do
	[ ! -e "/dev/shm/$(printf 'shmpipe.%5d.    0' "$leader")" ] || fail "what GStreamer leaves is left"
done <"$fakes/leaders"

# Who asks for one by name learns that it is not there, and gets no table.
peers 1 --peers "$fakes" --only iceoryx --json
grep -q '^zoe-bench: error: iceoryx is not available: libiceoryx-posh-dev was not there at build time$' "$temp/err" ||
	fail "no reason: $(cat "$temp/err")"
[ ! -s "$temp/out" ] || fail "a table all the same"

# Told to stop while a peer runs, with the daemon of one beside it.
only=zoetrope,pipe
[ "$iceoryx" = false ] || only=$only,iceoryx
for signal in INT TERM; do
	env --default-signal=INT zoe-bench peers --only "$only" --size 64x64 --frames 100000 >"$temp/out" 2>"$temp/err" &
	bench=$!
	# It may have to wait for RouDi first.
	for ((i = 0; i < 600; i++)); do
		! pgrep -f "peer-[a-z]+ run .*/zoe-peers-$bench-" >/dev/null || break
		sleep 0.05
	done
	kill -$signal $bench
	status=0
	wait $bench || status=$?
	[ $status -eq 1 ] || fail "$signal: exit $status"
	[ ! -s "$temp/out" ] || fail "$signal: figures were printed"
	tidy $bench "SIG$signal"
done

# A RouDi of somebody else's is used as it is, and stays. Its largest chunk is 4 MB.
if [ "$iceoryx" = true ]; then
	iox-roudi >"$temp/roudi" 2>&1 &
	roudi=$!
	while kill -0 $roudi 2>/dev/null && ! grep -q ready "$temp/roudi"; do
		sleep 0.05
	done
	if grep -q ready "$temp/roudi"; then
		peers 1 --only iceoryx --size 64x64,2048x2048 --frames 5 --runs 1 --json
		holds '.rows[1] | .name == "64x64 iceoryx" and .received == 5' \
			'.notes | any(.[]; startswith("failed: 2048x2048 iceoryx (RouDi has no chunk of 6291456 bytes"))'
		kill $roudi || fail "RouDi was stopped, or died"
	else
		echo "SKIPPED in part: RouDi does not start, or runs already"
	fi
	wait $roudi
fi

complains 2 'ways that --help lists' peers --only nosuch
complains 2 'ways that --help lists' peers --only pipe,
complains 2 '--csv' peers --json --csv
complains 2 '--runs' peers --runs 101

finish
