# SPDX-License-Identifier: BSD-2-Clause
"""A seat in a pool, and the leases on frames that it was granted.

The library's reader belongs to one thread at a time, but Python drops the last view of a frame
in any thread and at any moment, even in the middle of a call into the library (the garbage
collector). So frames on their way back go into a queue, and whoever has the seat's lock next
returns them. The seat is given up when nobody, no lease either, has a reference to it.
"""

import collections
import ctypes
import errno
import os
import sys
import threading
import time
from typing import Any, Callable, Deque, Iterator, Optional

from ._library import POLL, FrameRecord, ReaderOptions, lib
from .errors import Error

SLICE_NS = 100_000_000      # of a long wait: so soon Python hears Ctrl-C


def deadlines(timeout: Optional[float]) -> Iterator[int]:
    """The deadlines of a wait in slices: for `timeout` seconds, or, if None, without an end."""
    if timeout is not None and timeout <= 0:
        yield POLL
        return
    end = sys.maxsize if timeout is None else time.monotonic_ns() + int(timeout * 1e9)
    while True:
        until = time.monotonic_ns() + SLICE_NS
        if until >= end:
            yield end
            return
        yield until


class Seat:
    """struct zoe_reader, for any thread."""

    def __init__(self, pool: str):
        self.pool = pool
        self._pid = os.getpid()
        self._pointer = ctypes.c_void_p()
        self._lock = threading.Lock()
        self._returned: "Deque[Any]" = collections.deque()

    def attach(self, options: ReaderOptions, deadline_ns: int) -> int:
        """zoe_reader_attach()"""
        return lib.zoe_reader_attach(
            ctypes.byref(self._pointer), self.pool.encode(), ctypes.byref(options), deadline_ns)

    def call(self, function: Callable[..., int], *arguments: Any) -> int:
        """A function of the library on this reader."""
        self.check_process()
        with self._lock:
            self._return_frames()
            result = function(self._pointer, *arguments)
        self._settle()
        return result

    def check_process(self) -> None:
        """Nothing of a reader is there in a forked child: neither its seat nor any pixel."""
        if self._pid != os.getpid():
            raise Error(errno.ECHILD, f"pool '{self.pool}': this reader belongs to the parent "
                        "process: make one in the child", self.pool)

    def give_back(self, frame: Any) -> None:
        """Return a frame, from any thread, now or when the reader is free."""
        self._returned.append(frame)
        self._settle()

    def _settle(self) -> None:
        # Who queues a frame while another has the lock leaves it to that one, who looks again
        # after unlocking.
        while self._returned and self._lock.acquire(blocking=False):
            try:
                self._return_frames()
            finally:
                self._lock.release()

    def _return_frames(self) -> None:
        while self._returned:
            lib.zoe_reader_release(self._pointer, self._returned.popleft())

    def __del__(self) -> None:
        # When Python ends, or in a forked child, the kernel does it.
        if not sys.is_finalizing() and self._pid == os.getpid():
            self._return_frames()
            lib.zoe_reader_detach(ctypes.byref(self._pointer))


class Lease:
    """One frame held. It is returned when the last reference, a numpy view's too, is gone."""

    __slots__ = ("seat", "frame")

    def __init__(self, seat: Seat):
        self.seat = seat
        # The library writes here, so that no exception (Ctrl-C) comes between it and us.
        self.frame = ctypes.POINTER(FrameRecord)()

    def __del__(self) -> None:
        if self.frame and not sys.is_finalizing():
            self.seat.give_back(self.frame)


class Memory:
    """A plane, for numpy.asarray(): the array refers to this, and so has a lease."""

    __slots__ = ("__array_interface__", "lease")

    def __init__(self, lease: Lease, address: int, dtype: str, shape: Any, stride_bytes: int):
        self.lease = lease
        item = int(dtype[2])
        strides = (stride_bytes, item)
        if len(shape) == 3:
            strides = (stride_bytes, item * shape[2], item)
        self.__array_interface__ = {
            "version": 3, "data": (address, True), "typestr": dtype, "shape": shape,
            "strides": strides,
        }
