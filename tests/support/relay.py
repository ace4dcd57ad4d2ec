#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A relay of TCP connections that can fall silent: it stays connected, and passes nothing on.

Usage: relay.py PORT TO_PORT [WORD]

With WORD it falls silent when a client says it ("DESCRIBE", "PLAY"), and prints "silent"; so it does, without a word, at
SIGUSR1, and from the beginning with WORD "-": then it does not even accept. SIGUSR2 ends what is silent: whoever is
connected is cut off, and new connections pass, whatever they say.
"""
import selectors
import signal
import socket
import sys

port, to_port = int(sys.argv[1]), int(sys.argv[2])
word = sys.argv[3].encode() if len(sys.argv) > 3 else None
silent = word == b"-"
cut = False


def on_signal(number, _frame):
    global silent, cut, word
    if number == signal.SIGUSR1:
        silent = True
    else:
        silent, word, cut = False, None, True


signal.signal(signal.SIGUSR1, on_signal)
signal.signal(signal.SIGUSR2, on_signal)
listener = socket.create_server(("127.0.0.1", port))
selector = selectors.DefaultSelector()
selector.register(listener, selectors.EVENT_READ)
peers = {}


def close(connection):
    for end in (connection, peers.pop(connection, None)):
        if end and end.fileno() >= 0:
            peers.pop(end, None)
            selector.unregister(end)
            end.close()


def accept():
    client, _ = listener.accept()
    try:
        server = socket.create_connection(("127.0.0.1", to_port))
    except OSError:
        client.close()
        return
    peers[client], peers[server] = server, client
    selector.register(client, selectors.EVENT_READ, True)
    selector.register(server, selectors.EVENT_READ, False)


def pass_on(connection, is_client):
    global silent
    try:
        data = connection.recv(65536)
        if is_client and word and word in data:
            silent = True
            print("silent", flush=True)
            return
        if data:
            peers[connection].sendall(data)
            return
    except OSError:
        pass
    close(connection)


print("ready", flush=True)
while True:
    events = selector.select(0.05)
    if cut:
        cut = False
        for connection in list(peers):
            close(connection)
        continue
    if silent:
        signal.sigtimedwait([], 0.05)
        continue
    for key, _ in events:
        if key.fileobj is listener:
            accept()
        elif key.fileobj in peers and not silent:
            pass_on(key.fileobj, key.data)
