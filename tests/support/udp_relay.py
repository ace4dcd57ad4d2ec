#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A relay of UDP packets that loses some: udp_relay.py PORT TO_PORT PERCENT [SEED]

Prints "ready", and when it is ended how many it passed on and how many it lost. The first hundred all pass.
"""
import random
import signal
import socket
import sys

port, to_port, percent = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
chance = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
passed = lost = 0


def end(*_):
    print(f"passed={passed} lost={lost}", flush=True)
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
ours.bind(("127.0.0.1", port))
print("ready", flush=True)
while True:
    packet = ours.recv(65536)
    if passed >= 100 and chance.random() * 100 < percent:
        lost += 1
        continue
    ours.sendto(packet, ("127.0.0.1", to_port))
    passed += 1
