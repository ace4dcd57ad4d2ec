#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Video devices, by a stand-in for their driver: what is listed of them, and a camera that comes back under another number.
# Usage: devices.sh LIBRARY
. "$(dirname "$0")/common.sh"
library=$1
dev=$(realpath "$temp")/dev
mkdir -p "$dev"/v4l/by-id "$dev"/v4l/by-path
cd "$temp" || exit 1

stand_in() { LD_PRELOAD=$library FAKE_V4L2=$dev "$@"; }
# plug_in N WHAT CARD [BY-ID [BY-PATH]]
plug_in() {
	echo "$2 $3" >"$dev/video$1"
	[ -z "${4:-}" ] || ln -s "../../video$1" "$dev/v4l/by-id/usb-$4-video-index0"
	[ -z "${5:-}" ] || ln -s "../../video$1" "$dev/v4l/by-path/$5-video-index0"
}
pull_out() { rm -f "$dev/video$1" "$dev/v4l/by-id/usb-${2:-}-video-index0" "$dev/v4l/by-path/${3:-}-video-index0"; }
list() { stand_in zoe-capture --list-devices "$@" >list 2>list.err; }
says() { grep -Fxq -- "$1" list || fail "not listed: '$1' in: $(cat list)"; }
device() { jq -c "select(.device == \"/dev/video$1\") | $2" list; }
is() { [ "$(device "$1" "$2")" = "$3" ] || fail "video$1: $2 is $(device "$1" "$2"), not $3"; }

# None is no failure, and said in one line
list || fail "exit $? without devices"
[ "$(wc -l <list.err)" -eq 1 ] || fail "lines without devices: $(cat list.err)"
grep -q 'no video device.*lsusb' list.err || fail "without devices: $(cat list.err)"
list --json || fail "exit $? without devices"
[ ! -s list ] || fail "without devices: $(cat list)"

# What there is: in the order of the numbers, without the second node of a camera
plug_in 10 streaming "Other"
plug_in 0 camera "HD Webcam" Vendor_HD_1 pci-usb-0:5
plug_in 1 metadata "HD Webcam"
plug_in 2 busy "Busy"
plug_in 3 denied "Denied" "" platform-csi
plug_in 4 caged "Caged"
plug_in 5 planes "Planes"
list || fail "exit $?: $(cat list.err)"
says '/dev/video0: HD Webcam (uvcvideo, usb-0000:00:14.0-5)'
says '  -input_format mjpeg (format 0)'
says '    640x480    30, 14.99 fps'
says '    48x32 to 1280x720 in steps of 16x8  5 to 60 fps'
says '  pRAA (format 2): not for FFmpeg'
says '  zoe-capture -f v4l2 /dev/v4l/by-id/usb-Vendor_HD_1-video-index0'
says '/dev/video2: busy: another program has it'
group=$(stat -c %G "$dev/video3")
[ "$group" = root ] || says "/dev/video3: not permitted: join group $group (usermod -aG $group USER, and log in anew)"
says '/dev/video10: Other (uvcvideo, usb-0000:00:14.0-5): busy: another program takes its pictures'
grep -q '^/dev/video4: not permitted: .*docker' list || fail "of a container: $(cat list)"
[ "$(grep -o '^/dev/video[0-9]*' list | tr -dc '0-9\n' | xargs)" = "0 2 3 4 5 10" ] || fail "listed: $(cat list)"

list --json || fail "exit $?: $(cat list.err)"
[ "$(jq -r .device list | wc -l)" -eq 6 ] || fail "not a line each: $(cat list)"
is 0 .id '"/dev/v4l/by-id/usb-Vendor_HD_1-video-index0"'
is 0 '[.card, .driver, .bus, .error]' '["HD Webcam","uvcvideo","usb-0000:00:14.0-5",null]'
is 0 '.formats[0].sizes[1] | [.width, .height, .fps[0]]' '[640,480,30]'
is 0 '.formats[1].sizes[0] | [.width_min, .height_max, .width_step, .fps, .fps_max]' '[48,720,16,null,60]'
is 0 '[.formats[].input_format]' '["mjpeg","yuyv422",null]'
is 3 '[.id, .by_id, .formats]' '["/dev/v4l/by-path/platform-csi-video-index0",null,[]]'
is 10 '[.command, (.formats | length), (.error | startswith("busy"))]' '["zoe-capture -f v4l2 /dev/video10",3,true]'
refuses 2 'takes no INPUT' zoe-capture --list-devices /dev/video0

# Formats have FFmpeg's names; a later release may know more of them
plug_in 6 formats "All"
list --json
device 6 '.formats[] | select(.input_format) | "\(.description) \(.input_format)"' | tr -d '"' | sort >ours
stand_in ffmpeg -nostdin -hide_banner -f v4l2 -list_formats all -i /dev/video6 2>&1 |
	sed -nE 's/.*(Raw|Compressed) *: *([^ ]+) : *(format [0-9]+) :.*/\3 \2/p' | sort >theirs
[ "$(wc -l <ours)" -ge 30 ] || fail "few formats have a name: $(cat ours)"
[ -z "$(comm -23 ours theirs)" ] || fail "not FFmpeg's: $(comm -23 ours theirs)"

# What cannot be opened leads to the list
stand_in refuses 1 list-devices zoe-capture -n "$pool" /dev/video3
stand_in refuses 1 list-devices zoe-capture -n "$pool" /dev/v4l/by-id/usb-None-video-index0

# Pulled out, and back under another number, while another camera took the one it had
events() { jq -r "select(.event == \"$1\") | $2" capture.json; }
count() { [ "$(events "$1" .event | wc -l)" -ge "$2" ]; }
published() { zoe-top --list --json "$pool" | jq -es "map(.published > $1) | any"; }
comes_back() {
	LD_PRELOAD=$library FAKE_V4L2=$dev zoe-capture --json -n "$pool" "$@" >capture.json 2>capture.log &
	capture=$!
	until_true published 5
	pull_out 0 Vendor_HD_1 pci-usb-0:5
	until_true count lost 1
	plug_in 0 camera "Another" Vendor_Another pci-usb-0:5
	until_true count lost 3
	count back 1 && fail "$*: another camera was taken for it"
	plug_in 7 camera "HD Webcam" Vendor_HD_1 pci-usb-0:8
	until_true count back 1
	until_true published "$(($(zoe-top --list --json "$pool" | jq .published) + 5))"
	kill "$capture"
	wait "$capture" || fail "$*: exit $? after SIGTERM: $(cat capture.log)"
	[ "$(events start .live)" = true ] || fail "$*: no live source: $(events start .)"
	pull_out 7 Vendor_HD_1 pci-usb-0:8
	pull_out 0 Vendor_Another pci-usb-0:5
	plug_in 0 camera "HD Webcam" Vendor_HD_1 pci-usb-0:5
}
comes_back -f v4l2 /dev/video0
grep -q 'input (/dev/video0): is /dev/video7 now (/dev/v4l/by-id/usb-Vendor_HD_1-video-index0)' capture.log ||
	fail "where it is: $(cat capture.log)"
# By its link, and without a word of what it is
comes_back /dev/v4l/by-id/usb-Vendor_HD_1-video-index0
finish
