# SPDX-License-Identifier: BSD-2-Clause
"""What workers posted about frames."""

import ctypes
import errno
import json
from typing import Any, NamedTuple, Optional, Tuple, Union

from ._library import POLL, ResultRecord, Whole, encoded, lib
from .errors import Ended, Error, Timeout, failure
from .follow import Follow, Waiting
from .lease import deadlines
from .marks import Mark, decode_mark


class Result(NamedTuple):
    """What one worker said about one frame."""
    worker: str             # the label of the reader that posted it
    seat: int               # where it sits: two workers may have one label
    epoch: int
    seq: int                # of the frame
    number: int             # 1, 2, 3 … of this worker; a gap means results not seen
    posted_ns: int          # time.monotonic_ns()
    marks: Tuple[Mark, ...]
    json: str               # "" none

    @property
    def data(self) -> Any:
        """The JSON text, read; None if there is none."""
        return json.loads(self.json) if self.json else None


class Results(Whole):
    """The results of everybody who reads the pool called `name`; zoetrope.results is another
    name for this class. It takes no seat and delays nobody.

    timeout  seconds to wait for the pool, and then for each result; None: for ever
    follow   "restarts", "always" or "never", as that of Reader
    waiting  called with a line when a pool is waited for, and with None when it is there, as that
             of Reader
    owner    a user whose pool it may be, beside yours and root's; "any": anybody's

    Iterate over it: the loop ends as `follow` says. Who asks less often than a worker posts
    three results misses some. One thread at a time.
    """

    _pointer = ctypes.c_void_p()    # of one whose constructor failed: none

    def __init__(self, name: str, *, timeout: Optional[float] = None,
                 follow: Union[str, bool] = "restarts", waiting: Optional[Waiting] = None,
                 owner: Optional[str] = None):
        self.name = name
        self._timeout = timeout
        self._follow = Follow(name, follow, waiting)
        self._owner = encoded(owner) if owner else None
        self._pointer = ctypes.c_void_p()
        code = -errno.ENOENT
        for deadline_ns in self._follow.first_deadlines(timeout):
            code = self._open(self._pointer, deadline_ns)
            if code != -errno.ENOENT:
                break
        if code:
            raise failure(code, name)
        lib.zoe_results_set_follow(self._pointer, self._follow.way)
        self._follow.arrived()

    def _open(self, pointer: ctypes.c_void_p, deadline_ns: int) -> int:
        return lib.zoe_results_open_owned(
            ctypes.byref(pointer), encoded(self.name), self._owner, deadline_ns)

    def next(self, timeout: Optional[float] = None) -> Result:
        """The next result, in the order of posting; errors as those of Reader.acquire()."""
        if not self._pointer:
            raise Error(errno.EBADF, f"pool '{self.name}': these results are closed", self.name)
        record = ctypes.POINTER(ResultRecord)()
        code = -errno.EAGAIN
        for deadline_ns in deadlines(timeout):
            code = self._follow.outcome(
                lib.zoe_results_next(self._pointer, ctypes.byref(record), deadline_ns))
            if code == -errno.EAGAIN and self._follow.is_waiting:
                self._look_for_next()
            if code != -errno.EAGAIN:
                break
        if code == -errno.EAGAIN:
            raise Timeout(errno.EAGAIN, f"no new result in pool '{self.name}'", self.name)
        if code:
            raise failure(code, self.name)
        return self._copy(record.contents)

    def _look_for_next(self) -> None:
        """The pool may be back, and nobody have posted in it yet."""
        another = ctypes.c_void_p()
        if self._open(another, POLL) == 0:
            self._follow.arrived()
        lib.zoe_results_close(ctypes.byref(another))

    @staticmethod
    def _copy(record: ResultRecord) -> Result:
        marks = tuple(decode_mark(mark) for mark in record.marks[:record.n_marks])
        return Result(
            record.worker.decode("utf-8", "replace"), record.seat, record.epoch, record.seq,
            record.number, record.posted_ns, marks, (record.json or b"").decode("utf-8", "replace"))

    def close(self) -> None:
        """More than once is fine."""
        lib.zoe_results_close(ctypes.byref(self._pointer))

    def __enter__(self) -> "Results":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def __iter__(self) -> "Results":
        return self

    def __next__(self) -> Result:
        try:
            return self.next(self._timeout)
        except Ended:
            raise StopIteration from None
