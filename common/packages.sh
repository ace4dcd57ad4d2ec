# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# For scripts to source: which Debian packages building and testing need, and need() to
# install those that are missing.

ZOE_BUILD_PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config libavcodec-dev libavdevice-dev libavformat-dev
	libavutil-dev libswscale-dev libjansson-dev libmicrohttpd-dev libncurses-dev libsdl2-dev libsdl2-ttf-dev
	fonts-dejavu-core ffmpeg)
ZOE_TEST_PACKAGES=(g++ clang clang-format-14 libclang-rt-14-dev libcriterion-dev scdoc xvfb xauth xdotool imagemagick
	gnuplot-nox jq spin perl iceoryx libiceoryx-posh-dev libzmq3-dev libgstreamer-plugins-base1.0-dev gstreamer1.0-plugins-bad
	libopencv-imgproc-dev libopencv-objdetect-dev python3-numpy python3-opencv python3-pip python3-pytest
	python3-setuptools python3-wheel abigail-tools systemtap-sdt-dev tmux
	python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly)

# need PACKAGE...: where apt is the way, install what is not installed; say so, and be quiet otherwise.
need() {
	local missing=() package as_root=() log
	if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
		echo "No apt here: taking for granted that these are installed: $*"
		return 0
	fi
	for package in "$@"; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || {
			echo "error: these packages are missing: ${missing[*]}; install them, or run this as root" >&2
			return 1
		}
		as_root=(sudo)
	fi
	echo "Installing ${missing[*]}"
	log=$(mktemp)
	if ! "${as_root[@]}" apt-get update -q >"$log" 2>&1 ||
		! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
			"${missing[@]}" >>"$log" 2>&1; then
		tail -n 40 "$log" >&2
		rm -f "$log"
		echo "error: the packages could not be installed; apt's last words are above" >&2
		return 1
	fi
	rm -f "$log"
}
