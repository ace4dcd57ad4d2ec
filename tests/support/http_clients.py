#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Clients of an HTTP server, well-behaved and not. Usage:

http_clients.py PORT get PATH [METHOD]   print the head of the answer on stderr and its body on stdout
http_clients.py PORT say TEXT            send this, with escapes, and print what comes
http_clients.py PORT reset N             N that ask and are gone before the answer
http_clients.py PORT crowd N             N that never ask, or a letter at a time; "ready", then, when all were shown out, "gone"
"""
import select
import socket
import struct
import sys
import time


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def answer_to(port, request):
    with connect(port) as connection:
        answer = b""
        try:
            connection.sendall(request)
            while piece := connection.recv(65536):
                answer += piece
        except ConnectionError:
            pass  # what it was sent and did not read
    return answer


def get(port, path, method="GET"):
    request = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n"
    head, _, body = answer_to(port, request.encode()).partition(b"\r\n\r\n")
    sys.stderr.write(head.decode().replace("\r", "") + "\n")
    sys.stdout.write(body.decode())


def say(port, text):
    sys.stdout.write(answer_to(port, text.encode().decode("unicode_escape").encode()).decode())


def reset(port, n):
    for _ in range(int(n)):
        connection = connect(port)
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def crowd(port, n):
    """A third is silent, a third says half of a request, a third goes on a letter at a time."""
    connections = [connect(port) for _ in range(int(n))]
    slow = connections[2::3]
    for connection in connections[1::3]:
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: loc")
    for connection in slow:
        connection.sendall(b"GET /")
    print("ready", flush=True)
    while connections:
        for connection in select.select(connections, [], [], 0.2)[0]:
            try:
                if connection.recv(65536):
                    continue
            except ConnectionError:
                pass
            connections.remove(connection)
        for connection in slow:
            try:
                connection.send(b"x")
            except OSError:
                pass
        time.sleep(0.2)
    print("gone", flush=True)


if __name__ == "__main__":
    {"get": get, "say": say, "reset": reset, "crowd": crowd}[sys.argv[2]](int(sys.argv[1]), *sys.argv[3:])
