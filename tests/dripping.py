"""A server that answers in time and never ends: each byte comes soon, and there is always one more."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

BEGINNINGS = {
    "in a header": b"HTTP/1.1 200 OK\r\nX-Slow: ",
    "between two answers": b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + b"HTTP/1.1 100 Continue\r\nX-Slow: ",
    "in the body": b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n",
}


@contextmanager
def dripping(beginning: bytes) -> Iterator[str]:
    """The address of a server whose every answer begins so and goes on, a letter at a time, for ever."""
    stop = Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=_serve, args=(listening, beginning, stop), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stop.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listening: socket.socket, beginning: bytes, stop: Event) -> None:
    while not stop.is_set():
        with suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(beginning)
                while not stop.wait(0.02):
                    connection.sendall(b"x")
