#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A test camera: an RTSP server of GStreamer's at rtsp://127.0.0.1:PORT/cam, until it is killed.

Usage: rtsp_camera.py PORT [WIDTH HEIGHT [ENCODER]]
       rtsp_camera.py PORT FILE.mkv [LOSE]

Of a file's H.264 each client is sent all, but for a share of LOSE of the packets, 0.02.
"""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

port = sys.argv[1]
is_file = len(sys.argv) > 2 and sys.argv[2].endswith(".mkv")
if is_file:
    lose = sys.argv[3] if len(sys.argv) > 3 else "0.02"
    launch = (
        f"filesrc location={sys.argv[2]} ! matroskademux ! h264parse ! rtph264pay pt=96 mtu=600 config-interval=1 ! "
        f"identity drop-probability={lose} name=pay0"
    )
else:
    width, height = sys.argv[2:4] if len(sys.argv) > 3 else ("320", "180")
    encoder = sys.argv[4] if len(sys.argv) > 4 else "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10"
    payloader = "rtph265pay" if "265" in encoder else "rtph264pay"
    launch = (
        f"videotestsrc is-live=true ! video/x-raw,width={width},height={height},framerate=25/1,format=I420 ! "
        f"{encoder} ! {payloader} name=pay0 pt=96 config-interval=1"
    )

Gst.init(None)
server = GstRtspServer.RTSPServer.new()
server.set_service(port)
factory = GstRtspServer.RTSPMediaFactory.new()
factory.set_shared(not is_file)
factory.set_launch(f"( {launch} )")
server.get_mount_points().add_factory("/cam", factory)
if server.attach(None) == 0:
    sys.exit(f"rtsp_camera.py: error: port {port} is taken")
print("ready", flush=True)
GLib.MainLoop().run()
