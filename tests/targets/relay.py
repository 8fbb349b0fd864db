"""Copies standard streams to and from a Unix socket, as ``socat - UNIX-CONNECT:PATH``."""

import os
import socket
import sys
from select import select

sock = socket.socket(socket.AF_UNIX)
try:
    sock.connect(sys.argv[1])
except OSError as error:
    sys.exit(f"relay: {error.strerror}")
ways = {0: sock.fileno(), sock.fileno(): 1}
while True:
    for source in select(list(ways), [], [])[0]:
        data = os.read(source, 1 << 16)
        if not data:
            sys.exit(0)
        os.write(ways[source], data)
