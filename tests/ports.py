"""Ports of this machine that servers of the tests may take."""

import os
import random
import socket
from contextlib import ExitStack

# Below those that the system hands out by itself, which other tests' connections use up meanwhile.
_FIRST, _LAST = 16_000, 32_000
_drawing = random.Random(os.urandom(16))


def free_ports(count: int = 1) -> int:
    """The first of `count` ports in a row that nobody listens on, on any address of this machine."""
    while True:
        first = _drawing.randrange(_FIRST, _LAST - count)
        with ExitStack() as held:
            try:
                for port in range(first, first + count):
                    held.enter_context(socket.socket()).bind(("", port))
            except OSError:
                continue
        return first
