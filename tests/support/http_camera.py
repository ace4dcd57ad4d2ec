#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A test camera over HTTP: the pictures of an MJPEG file again and again, 30 a second. http_camera.py PORT FILE"""
import http.server
import sys
import time

SOI = b"\xff\xd8"
port, path = int(sys.argv[1]), sys.argv[2]
with open(path, "rb") as file:
    pictures = [SOI + rest for rest in file.read().split(SOI)[1:]]


class Camera(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        self.end_headers()
        try:
            while True:
                for picture in pictures:
                    head = b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture)
                    self.wfile.write(head + picture + b"\r\n")
                    time.sleep(1 / 30)
        except OSError:
            pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Camera)
print("ready", flush=True)
server.serve_forever()
