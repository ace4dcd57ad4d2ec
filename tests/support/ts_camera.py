#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A transport stream over TCP, once, as fast as it plays. Usage: ts_camera.py PORT FILE...

Each FILE is named SECONDS-ANYTHING, as long as it plays. The clock begins with the first connection: a later one gets what
follows from then on. At the end it stays connected, and says no more.
"""
import os
import socket
import sys
import time

PACKET = 188
port, paths = int(sys.argv[1]), sys.argv[2:]
chunks = []  # (when, bytes)
now = 0.0
for path in paths:
    seconds = float(os.path.basename(path).split("-")[0])
    with open(path, "rb") as file:
        data = file.read()
    parts = [data[i : i + 7 * PACKET] for i in range(0, len(data), 7 * PACKET)]
    chunks += [(now + seconds * i / len(parts), part) for i, part in enumerate(parts)]
    now += seconds

listener = socket.create_server(("127.0.0.1", port))
print("ready", flush=True)
begun = None
while True:
    connection, _ = listener.accept()
    begun = begun or time.monotonic()
    chunks = [chunk for chunk in chunks if chunk[0] >= time.monotonic() - begun - 0.1]
    try:
        while chunks:
            time.sleep(max(0.0, begun + chunks[0][0] - time.monotonic()))
            connection.sendall(chunks[0][1])
            del chunks[0]
        connection.recv(1)
    except OSError:
        pass
    connection.close()
