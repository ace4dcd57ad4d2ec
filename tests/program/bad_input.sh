#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Bad input: one clear line that names it, exit 1 or 2, nothing left in shared memory. Usage: bad_input.sh SUPPORT
. "$(dirname "$0")/common.sh"
support=$(realpath "$1")

clip=$temp/clip.mp4
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x240:r=25 -t 4 -c:v libx264 -pix_fmt yuv420p "$clip" || exit 1
size=$(stat -c %s "$clip")
capture=(zoe-capture -n "$pool" --fast)

# What is no video
mkdir "$temp/folder"
echo 'not a video, just words, though quite a few of them' >"$temp/text.mp4"
: >"$temp/empty.mp4"
head -c $((size / 2)) "$clip" >"$temp/no-index.mp4"
ffmpeg -nostdin -v error -f lavfi -i sine -t 1 "$temp/sound.wav"
refuses 1 "$temp/missing.mp4.*No such file" "${capture[@]}" "$temp/missing.mp4"
refuses 1 "--loop .*only once" "${capture[@]}" --loop tcp://127.0.0.1:9
refuses 1 "$temp/folder.*[Dd]irectory" "${capture[@]}" "$temp/folder"
refuses 1 "$temp/text.mp4" "${capture[@]}" "$temp/text.mp4"
refuses 1 "$temp/empty.mp4" "${capture[@]}" "$temp/empty.mp4"
refuses 1 "$temp/no-index.mp4" "${capture[@]}" "$temp/no-index.mp4"
refuses 1 "$temp/sound.wav.*video" "${capture[@]}" "$temp/sound.wav"

# What is no option
refuses 1 "nonsense" "${capture[@]}" -f nonsense "$clip"
refuses 2 "12x" "${capture[@]}" "test:12x@30"
refuses 2 "0x0" "${capture[@]}" "test:0x0@30"
refuses 2 "99999x99999" "${capture[@]}" "test:99999x99999@30"
refuses 2 "@0" "${capture[@]}" "test:640x480@0"
refuses 2 "huge" "${capture[@]}" --size huge "$clip"
refuses 2 "nofmt" "${capture[@]}" --pix-fmt nofmt "$clip"
refuses 2 "INPUT" "${capture[@]}"
refuses 2 "--slots" "${capture[@]}" --slots many "$clip"
refuses 2 "--max-lag.*soon" "${capture[@]}" --max-lag soon "$clip"
refuses 2 "--nosuch" "${capture[@]}" "$clip" --nosuch
refuses 2 "nosuchkey" "${capture[@]}" -nosuchkey 1 "$clip"
refuses 2 "extra" "${capture[@]}" "$clip" extra
refuses 1 "no-such-group" "${capture[@]}" --members no-such-group "$clip"
# Before the input is looked for.
refuses 1 "no-such-group" "${capture[@]}" --observers no-such-group "$temp/none.mp4"
refuses 2 "--nosuch" zoe-display --nosuch
refuses 2 "--frames" zoe-display --frames x
refuses 2 "--match-frames" zoe-display --match-frames 33
refuses 2 "--match-frames" zoe-display --match-frames 1
refuses 2 "--match " zoe-display --match "$(printf 'n%.0s' {1..32})"
refuses 2 "is for zoe-capture to say: zoe-capture INPUT" zoe-display -i "$clip"
for program in zoe-display zoe-events zoe-motion zoe-brightness zoe-faces-or-people; do
	command -v "$program" >/dev/null || continue
	refuses 2 "\(sometimes\): .*restarts, always or never" "$program" --follow sometimes "$pool"
done
# Of letters in one word getopt_long() knows no word.
for program in zoe-motion zoe-brightness zoe-framemd5 zoe-faces-or-people; do
	command -v "$program" >/dev/null || continue
	refuses 2 "option \(-vf\): unknown" "$program" -vf hflip "$pool"
	refuses 2 "option \(-vf\): unknown" "$program" --owner any -vf hflip "$pool"
	refuses 2 "option \(-x\): unknown" "$program" "$pool" -x
	refuses 2 "option \(--nosuch\): unknown" "$program" --nosuch -h "$pool"
done

# Servers that are none, or do not want this client
answer() {
	: >"$temp/port"
	"$support/answer.py" "$@" >"$temp/port" &
	server=$!
	until_true grep -q . "$temp/port"
	port=$(cat "$temp/port")
}
no_answer() { kill "$server"; wait "$server" 2>/dev/null; }
answer 'RTSP/1.0 401 Unauthorized'
refuses 1 "401.*; user and password: rtsp://USER:PASSWORD@" "${capture[@]}" "rtsp://127.0.0.1:$port/cam"
refuses 1 "admin:\*\*\*@127.*401.*; are user and password right" "${capture[@]}" "rtsp://admin:secret@127.0.0.1:$port/cam"
no_answer
answer 'RTSP/1.0 404 Not Found'
refuses 1 "404.*; is the path right.*--reconnect always" "${capture[@]}" "rtsp://127.0.0.1:$port/cam"
"${capture[@]}" --json --reconnect always "rtsp://admin:secret@127.0.0.1:$port/cam" >"$temp/out" 2>"$temp/err" &
waiting=$!
until_true grep -q '"why":"Server returned 404.*"tries":2' "$temp/out"
kill $waiting
wait $waiting || fail "--reconnect always: exit $?: $(cat "$temp/err")"
! grep -q secret "$temp/out" "$temp/err" || fail "a password was told: $(cat "$temp/out" "$temp/err")"
no_answer
answer 'HTTP/1.1 200 OK'
refuses 1 "speaks no RTSP, or hung up" "${capture[@]}" --reconnect never "rtsp://127.0.0.1:$port/cam"
no_answer
answer
refuses 1 "speaks no RTSP, or hung up" "${capture[@]}" --reconnect never "rtsp://127.0.0.1:$port/cam"
no_answer
refuses 1 "refused; .*--reconnect always" "${capture[@]}" "http://127.0.0.1:$port/cam"
refuses 1 "tcp://127.0.0.1:$port failed" "${capture[@]}" --reconnect never "rtsp://127.0.0.1:$port/cam"
refuses 1 "no such video" "${capture[@]}" --reconnect always --stream 7 "$clip"
refuses 1 "no such demuxer" "${capture[@]}" --reconnect always -f nonsense "$clip"

# URLs that cannot be meant, and passwords in them
refuses 1 "admin:\*\*\*@127.*password; percent-encode" "${capture[@]}" 'rtsp://admin:p@ss#word@127.0.0.1:9/cam'
! grep -Eq 'ss|word@' <(sed 's/password//g' "$temp/err") || fail "a part of the password: $(cat "$temp/err")"
refuses 1 "1 to 65535" "${capture[@]}" rtsp://127.0.0.1:99999/cam
refuses 1 "is rtsp:// missing" "${capture[@]}" 127.0.0.1:7101/cam
refuses 2 "u:\*\*\*@camera" "${capture[@]}" "$clip" rtsp://u:secret@camera/1
"${capture[@]}" -v --reconnect never "http://u:secret@127.0.0.1:$port/cam" >"$temp/out" 2>&1
! grep -q secret "$temp/out" || fail "-v told a password: $(cat "$temp/out")"
# What is opened is the true one.
cp "$clip" "$temp/a:b@c.mp4"
"${capture[@]}" --quiet --frames 3 "$temp/a:b@c.mp4" || fail "a file with : and @ in its name: $?"

# Names
long=$(printf 'n%.0s' $(seq 300))
for program in "zoe-capture --fast $clip -n" "zoe-display --no-wait"; do
	# shellcheck disable=SC2086
	refuses 2 "a/b" $program a/b
	# shellcheck disable=SC2086
	refuses 2 "name|empty|value" $program ""
	# shellcheck disable=SC2086
	refuses 2 "nnnn" $program "$long"
done
export SDL_VIDEODRIVER=dummy
refuses 1 "$pool" zoe-display --no-wait "$pool"

# A name that is taken
zoe-capture --quiet -n "$pool" test:320x240@30 &
holder=$!
until_true test -e "/dev/shm/zoe.$pool.seats"
refuses 1 "'$pool' is being written by pid $holder" "${capture[@]}" "$clip"
kill "$holder"
wait "$holder" || fail "SIGTERM did not end capture cleanly: $?"
[ ! -e "/dev/shm/zoe.$pool" ] || fail "the pool outlived its capture"

# A pool too small for what it would take to match frames
zoe-capture --quiet --slots 8 -n "$pool" test:320x240@30 &
until_true test -e "/dev/shm/zoe.$pool.seats"
refuses 1 "room for 8 slots" zoe-display --no-wait --match people "$pool"
kill $!
wait $! || fail "SIGTERM did not end capture cleanly: $?"

# No standard descriptors: what is said to nobody is not written over the pool
zoe-capture --json -n "$pool" test:320x240@30 <&- >&- 2>&- &
until_true test -e "/dev/shm/zoe.$pool.seats"
zoe-display --quiet --no-wait --verify --frames 10 "$pool" || fail "no reader of a capture without descriptors"
kill $!
wait $!
[ $? -eq 1 ] || fail "a capture that could not print its JSON"

# Objects of our name that are not our pool
object=/dev/shm/zoe.$pool
echo 'somebody else was here first' >"$object"
refuses 1 "zoe.$pool exists and is no pool" "${capture[@]}" "$clip"
refuses 1 "zoe.$pool is no pool" zoe-display --no-wait "$pool"
[ "$(cat "$object")" = 'somebody else was here first' ] || fail "another's object was overwritten"
: >"$object"
refuses 1 "zoe.$pool is no pool" zoe-display --no-wait "$pool"
rm "$object"
zoe-capture --quiet -n "$pool" test:320x240@30 &
until_true test -e "$object.seats"
printf '\x07' | dd of="$object" bs=1 seek=8 conv=notrunc status=none
refuses 1 "layout version 7" zoe-display --no-wait "$pool"
printf '\x04' | dd of="$object" bs=1 seek=8 conv=notrunc status=none
# Cut by its owner: no protection from that, so the writer is kept from touching it.
kill -STOP $!
truncate -s 4096 "$object.seats"
refuses 1 "damaged|cut short" zoe-display --no-wait "$pool"
kill -KILL $!
wait $! 2>/dev/null
rm -f "$object" "$object.seats"

# A file cut in the middle: what can be decoded is published, the end is reported
ffmpeg -nostdin -v error -i "$clip" -c copy -movflags +faststart "$temp/whole.mp4"
ffmpeg -nostdin -v error -i "$clip" -c copy "$temp/whole.mkv"
for kind in mp4 mkv; do
	head -c $((size * 6 / 10)) "$temp/whole.$kind" >"$temp/cut.$kind"
	status=0
	timeout 20 "${capture[@]}" --json "$temp/cut.$kind" >"$temp/out" 2>"$temp/err" || status=$?
	published=$(member "$temp/out" .published)
	[ "$status" -eq 1 ] || fail "exit $status for a $kind cut in the middle"
	if [ "$published" -lt 20 ] || [ "$published" -ge 100 ]; then
		fail "$published frames of a $kind cut in the middle"
	fi
	grep -Eq 'zoe-capture: error: .*cut' "$temp/err" || fail "nothing said of $kind: $(cat "$temp/err")"
done
finish
