"""A wire between two networks: a port of this one's loopback to a unix socket that both can see.

Run in the second machine's network with nothing but Python's own library.
"""

import contextlib
import socket
import sys
import threading
from pathlib import Path


def carry(source: socket.socket, sink: socket.socket) -> None:
    try:
        with contextlib.suppress(OSError):  # one end went away: so does the other
            while part := source.recv(65536):
                sink.sendall(part)
    finally:
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def join(one: socket.socket, other: socket.socket) -> None:
    for pair in ((one, other), (other, one)):
        threading.Thread(target=carry, args=pair, daemon=True).start()


def serve(listener: socket.socket, family: int, address: object) -> None:
    while True:
        caller, _ = listener.accept()
        there = socket.socket(family, socket.SOCK_STREAM)
        try:
            there.connect(address)
        except OSError:
            caller.close()
        else:
            join(caller, there)


def main() -> None:
    path, port, ready = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    ready.touch()
    serve(listener, socket.AF_UNIX, path)


if __name__ == "__main__":
    main()
