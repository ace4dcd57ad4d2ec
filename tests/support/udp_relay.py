#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A relay of datagrams that loses, delays and reorders them, by a seed: the same ones each time.

Usage: udp_relay.py PORT TO_PORT [lose=SHARE] [swap=SHARE] [delay=MS] [seed=N]

What comes to 127.0.0.1:PORT goes on to TO_PORT. Lost is a SHARE of the datagrams, held back behind the next three a
SHARE, each late by MS. With RTP comes RTCP, whose port is the next: it passes as it is.
"""
import heapq
import random
import selectors
import socket
import sys
import time

port, to_port = int(sys.argv[1]), int(sys.argv[2])
trouble = {"lose": 0.0, "swap": 0.0, "delay": 0.0, "seed": 1}
for word in sys.argv[3:]:
    name, _, value = word.partition("=")
    if name not in trouble:
        sys.exit(f"udp_relay.py: error: {name}: one of {', '.join(trouble)}")
    trouble[name] = float(value)
chance = random.Random(trouble["seed"])
delay_s = trouble["delay"] / 1000

ends = []
for offset in (0, 1):
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    end.bind(("127.0.0.1", port + offset))
    ends.append(end)
selector = selectors.DefaultSelector()
for offset, end in enumerate(ends):
    selector.register(end, selectors.EVENT_READ, offset)

late = []  # by when they are sent: (time, number, datagram, offset)
held = []  # [datagram, how many others are still to go before it]
count = 0


def send(datagram, offset):
    global count
    count += 1
    heapq.heappush(late, (time.monotonic() + delay_s, count, datagram, offset))


def take(datagram):
    if chance.random() < trouble["lose"]:
        return
    if chance.random() < trouble["swap"]:
        held.append([datagram, 3])
        return
    send(datagram, 0)
    for entry in held:
        entry[1] -= 1
    while held and held[0][1] <= 0:
        send(held.pop(0)[0], 0)


print("ready", flush=True)
while True:
    for key, _ in selector.select(max(0, late[0][0] - time.monotonic()) if late else None):
        datagram = key.fileobj.recv(65536)
        if key.data == 0:
            take(datagram)
        else:
            send(datagram, 1)
    while late and late[0][0] <= time.monotonic():
        _, _, datagram, offset = heapq.heappop(late)
        try:
            ends[offset].sendto(datagram, ("127.0.0.1", to_port + offset))
        except OSError:
            pass  # nobody listens there yet
