# SPDX-License-Identifier: BSD-2-Clause
"""A seat in a pool, and the leases on frames that it was granted.

The library's reader belongs to one thread at a time, but Python drops the last view of a frame
in any thread and at any moment. Then nothing but a weak reference's callback runs, deque.append():
no Python code, in which a Ctrl-C would be lost, and no call into the library. Whoever uses the
seat next returns what is in the queue. The seat is given up when nobody, no lease either, has a
reference to it.
"""

import collections
import contextlib
import ctypes
import errno
import itertools
import operator
import os
import sys
import threading
import time
import weakref
from typing import Any, Callable, Deque, Iterator, Optional, Set

from ._library import POLL, FrameRecord, ReaderOptions, Whole, encoded, lib
from .errors import Error, failure

SLICE_NS = 100_000_000      # of a long wait: so soon Python hears Ctrl-C


def deadlines(timeout: Optional[float]) -> Iterator[int]:
    """The deadlines of a wait in slices: for `timeout` seconds, or, if None, without an end."""
    if timeout is not None and timeout <= 0:
        yield POLL
        return
    if timeout is None or timeout > 1e9:
        end = sys.maxsize
    else:
        end = time.monotonic_ns() + int(timeout * 1e9)
    while True:
        until = time.monotonic_ns() + SLICE_NS
        if until >= end:
            yield end
            return
        yield until


class Seat(Whole):
    """struct zoe_reader, for any thread."""

    def __init__(self, pool: str):
        self.pool = pool
        self.failure: Optional[Error] = None    # of attach(), with the words of its thread
        self._pid = os.getpid()
        self._pointer = ctypes.c_void_p()
        # Reentrant: a thread that runs Python is not inside the library.
        self._lock = threading.RLock()
        self.leases: "Set[_WayBack]" = set()
        self.returned: "Deque[_WayBack]" = collections.deque()

    def attach(self, options: ReaderOptions, deadline_ns: int) -> int:
        """zoe_reader_attach()"""
        code = lib.zoe_reader_attach_sized(
            ctypes.byref(self._pointer), encoded(self.pool), ctypes.byref(options),
            ctypes.sizeof(options), deadline_ns)
        self.failure = failure(code, self.pool) if code else None
        return code

    def call(self, function: Callable[..., int], *arguments: Any) -> int:
        """A function of the library on this reader."""
        self.check_process()
        with self._lock:
            self._return_frames()
            result = function(self._pointer, *arguments)
        self.settle()
        return result

    def check_process(self) -> None:
        """Nothing of a reader is there in a forked child: neither its seat nor any pixel."""
        if self._pid != os.getpid():
            raise Error(errno.ECHILD, f"pool '{self.pool}': this reader belongs to the parent "
                        "process: make one in the child", self.pool)

    def settle(self) -> None:
        """Return what is in the queue, now or, if another thread has the reader, when it is free."""
        while self.returned and self._lock.acquire(blocking=False):
            try:
                self._return_frames()
            finally:
                self._lock.release()

    def _return_frames(self) -> None:
        # One loop in C, until the queue is empty: no Ctrl-C comes between taking a frame out of it
        # and returning it. A lease that was granted nothing has NULL, which is fine.
        frames = map(_frame_of, iter(self.returned.popleft, None))
        with contextlib.suppress(IndexError):
            collections.deque(
                map(lib.zoe_reader_release, itertools.repeat(self._pointer), frames), maxlen=0)
        for way_back in list(self.leases):
            if way_back() is None:
                self.leases.discard(way_back)

    def __del__(self) -> None:
        # When Python ends, or in a forked child, the kernel does it.
        if not sys.is_finalizing() and self._pid == os.getpid():
            self._return_frames()
            lib.zoe_reader_detach(ctypes.byref(self._pointer))


class _WayBack(weakref.ref):
    """A lease, weakly, and the frame to return when it is gone."""

    __slots__ = ("frame",)


_frame_of = operator.attrgetter("frame")


class Lease(Whole):
    """One frame held. It is returned when the last reference, a numpy view's too, is gone."""

    __slots__ = ("seat", "frame", "__weakref__")

    def __init__(self, seat: Seat):
        self.seat = seat
        # The library writes here, so that no exception (Ctrl-C) comes between it and us.
        self.frame = ctypes.POINTER(FrameRecord)()
        way_back = _WayBack(self, seat.returned.append)
        way_back.frame = self.frame
        seat.leases.add(way_back)


class Memory(Whole):
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
