# SPDX-License-Identifier: BSD-2-Clause
"""With which next pools of a name to go on, and who is told that one, or the first, is waited for."""

import errno
from typing import Callable, Iterator, Optional, Union

from .errors import error_text
from .lease import deadlines

# What `follow` may be, in the order of enum zoe_follow.
WAYS = ("restarts", "always", "never")
# Of a pool that has ended, in the order of enum zoe_end.
ENDS = ("input", "stopped", "failed")

# Called with what is waited for, or why a pool is over, and with None when the next one is there.
Waiting = Callable[[Optional[str]], object]


def first_wait(name: str) -> str:
    """What is said of a pool that has not been there."""
    return f"waiting for pool '{name}'"


class Follow:
    """What a reader, or a reader of results, does when its pool is over."""

    def __init__(self, name: str, way: Union[str, bool], waiting: Optional[Waiting]):
        if isinstance(way, bool):
            way = "restarts" if way else "never"
        if way not in WAYS:
            raise ValueError(f"follow={way!r}: expected restarts, always or never")
        self.way = WAYS.index(way)
        self.is_waiting = False
        self._name = name
        self._waiting = waiting

    def first_deadlines(self, timeout: Optional[float]) -> Iterator[int]:
        """deadlines() of the wait for the first pool, of which is told from the second of them on."""
        for number, deadline_ns in enumerate(deadlines(timeout)):
            if number:
                self._say(first_wait(self._name))
            yield deadline_ns

    def outcome(self, code: int) -> int:
        """What is left of what the library said: a pool whose next is followed is nothing new yet."""
        if code == -errno.EOWNERDEAD and WAYS[self.way] != "never":
            self._say(error_text(self._name))
            return -errno.EAGAIN
        if code == 0:
            self.arrived()
        return code

    def arrived(self) -> None:
        """The pool that was waited for is there."""
        self._say(None)

    def _say(self, why: Optional[str]) -> None:
        """Each once."""
        if self.is_waiting == (why is not None):
            return
        self.is_waiting = why is not None
        if self._waiting is not None:
            self._waiting(why)
