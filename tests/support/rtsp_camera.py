#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A test camera: an RTSP server of GStreamer's at rtsp://127.0.0.1:PORT/cam, until it is killed.

Usage: rtsp_camera.py PORT [WIDTH HEIGHT [ENCODER]]
"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

port = sys.argv[1]
width, height = sys.argv[2:4] if len(sys.argv) > 3 else ("320", "180")
encoder = sys.argv[4] if len(sys.argv) > 4 else "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10"
payloader = "rtph265pay" if "265" in encoder else "rtph264pay"

Gst.init(None)
server = GstRtspServer.RTSPServer.new()
server.set_service(port)
factory = GstRtspServer.RTSPMediaFactory.new()
factory.set_shared(True)
factory.set_launch(
    f"( videotestsrc is-live=true ! video/x-raw,width={width},height={height},framerate=25/1,format=I420 ! "
    f"{encoder} ! {payloader} name=pay0 pt=96 config-interval=1 )"
)
server.get_mount_points().add_factory("/cam", factory)
if server.attach(None) == 0:
    sys.exit(f"rtsp_camera.py: error: port {port} is taken")
print("ready", flush=True)
GLib.MainLoop().run()
