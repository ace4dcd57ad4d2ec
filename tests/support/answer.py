#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A server that gives one answer to whatever it is asked, and hangs up; without one it hangs up at once.

Usage: answer.py [STATUS-LINE]

It listens on a port of 127.0.0.1 that is free, and prints it. A CSeq is answered with the same.
"""
import re
import socket
import sys

answer = sys.argv[1] if len(sys.argv) > 1 else None
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    connection = server.accept()[0]
    with connection:
        try:
            if answer:
                asked = re.search(rb"CSeq: *(\d+)", connection.recv(4096))
                line = answer + "\r\n" + ("CSeq: %d\r\n" % int(asked[1]) if asked else "") + "\r\n"
                connection.sendall(line.encode())
                # What it has not read yet would reset the connection, answer and all.
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):
                    pass
        except OSError:
            pass
