# SPDX-License-Identifier: BSD-2-Clause
"""The reader: a seat in a pool, and the loop over its frames."""

import asyncio
import ctypes
import errno
import gc
import os
import sys
import time
import weakref
from typing import Any, NamedTuple, Optional, Union

from ._library import (
    LATEST, LOSSLESS, ReaderOptions, SourceRecord, StatusRecord, Whole, encoded, lib,
)
from .errors import Ended, Error, HoldFull, Timeout, failure
from .follow import ENDS, Follow, Waiting
from .frame import Frame
from .lease import Lease, Seat, deadlines

_STATES = ("live", "source lost", "stalled", "ended", "writer gone")


def _is_in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Status(NamedTuple):
    """What became of the pool, and this reader's counters."""
    state: str              # "live", "source lost", "stalled", "ended", "writer gone"
    since_ns: int           # time.monotonic_ns() when that began; live: of the last frame
    epoch: int
    received: int           # frames acquired, over all epochs
    skipped: int            # frames published and not acquired, while seated
    writer_pid: int
    held: int               # frames held now
    end: Optional[str]      # why it has ended: "input", "stopped", "failed"; None: it has not


class Source(NamedTuple):
    """How the source of a pool does, as its writer says; counts are of the writer's run."""
    decoded: int            # pictures that came out of the source
    dropped: int            # of these: not published, since no slot was free
    dropped_full: int       # of these: since shared memory was full
    damaged: int            # of the decoded: not published, since only whole frames are
    skipped: int            # packets that were not decoded, to keep up with a live source
    corrupt: int            # frames published with Flags.CORRUPT
    decode_errors: int      # packets that gave an error
    restamped: int          # frames published with another time than the source's
    reconnects: int         # that the source went away and came back
    lag_ns: int             # how far a live source is behind
    bits_per_s: int         # over the last second or so; 0: not known
    key_interval: int       # pictures from one key frame to the next; 0: not known
    tries: int              # that failed since the source was lost
    why: str                # why it is lost; "": it is not, or that is not known


class Reader(Whole):
    """A reader of the pool called `name`; zoetrope.reader is another name for this class.

    queue     frames that wait for you; the oldest makes room. 1: always the newest
    hold      frames that you hold at once, views included (2, in a group 1)
    lossless  every frame; capture waits for you, and must have been started with --lossless
    every     one frame in so many
    fps       at most so many frames a second
    group     the readers of one group share the stream: each frame goes to at most one of them
    spin      spin shortly before the next frame is due instead of sleeping until it comes
    label     who this is, in zoe-top and on results (the program's name)
    timeout   seconds to wait for the pool, and then for each frame; None: for ever
    follow    "restarts": go on with the next capture when one was stopped, failed or died, and end
              with its input; "always": after that, too; "never": end with this one, WriterGone
              if it failed or died
    waiting   called with a line when a pool is waited for: "waiting for pool 'cam0'" of the first,
              unless it is there at once, and why it is over when the next one is; and with None
              when that is there
    owner     a user whose pool it may be, beside yours and root's; "any": anybody's

    The constructor waits for the pool; in a running asyncio loop the first turn of `async for`
    does, and the loop goes on. Iterate over it with `for` or `async for`: each turn
    releases the frame of the turn before, and a stream that ends ends the loop. Or acquire()
    and release() by hand. Use it as a context manager, close() it or drop it to give up the
    seat; views of frames keep it until they are gone.

    One thread or task at a time; frames may be released and views dropped in any thread.
    """

    def __init__(self, name: str, *, queue: int = 1, hold: int = 0, lossless: bool = False,
                 every: int = 0, fps: float = 0.0, group: Optional[str] = None,
                 spin: bool = False, label: Optional[str] = None, timeout: Optional[float] = None,
                 follow: Union[str, bool] = "restarts", waiting: Optional[Waiting] = None,
                 owner: Optional[str] = None):
        for option, value in (("queue", queue), ("hold", hold), ("every", every)):
            if not 0 <= value < 1 << 32:
                raise ValueError(f"{option}={value}: not a number of frames")
        self.name = name
        self._timeout = timeout
        self._follow = Follow(name, follow, waiting)
        self._seat: Optional[Seat] = None
        self._current: "Any" = lambda: None     # the loop's frame, weakly
        label = label or os.path.splitext(os.path.basename(sys.argv[0] or "python3"))[0]
        self._options: Optional[ReaderOptions] = ReaderOptions(
            policy=LOSSLESS if lossless else LATEST, hold=hold, depth=queue, every=every,
            max_fps=fps, group=encoded(group) if group else None, label=encoded(label),
            spin=spin, owner=encoded(owner) if owner else None, follow=self._follow.way)
        self._attach(_is_in_loop(), timeout)

    def _attach(self, not_now: bool, timeout: Optional[float]) -> None:
        """not_now: a pool that is not there yet is waited for when a frame is asked for."""
        seat = Seat(self.name)
        code = -errno.ENOENT
        not_now = not_now and (timeout is None or timeout > 0)
        for deadline_ns in self._follow.first_deadlines(0 if not_now else timeout):
            code = seat.attach(self._options, deadline_ns)
            if code != -errno.ENOENT:
                break
        if code not in (-errno.ENOENT, -errno.ETIMEDOUT) or not not_now:
            self._seated(seat, code)

    async def _attach_beside(self) -> None:
        """In a thread, so that the loop goes on; a seat that nobody waits for any more is given up."""
        seat, loop = Seat(self.name), asyncio.get_running_loop()
        code = -errno.ENOENT
        for deadline_ns in self._follow.first_deadlines(self._timeout):
            code = await loop.run_in_executor(None, seat.attach, self._options, deadline_ns)
            if code != -errno.ENOENT:
                break
        self._seated(seat, code)

    def _seated(self, seat: Seat, code: int) -> None:
        if code:
            raise seat.failure or failure(code, self.name)
        self._seat, self._options = seat, None
        self._follow.arrived()

    def _seat_or_raise(self, timeout: Optional[float] = 0) -> Seat:
        """timeout: as long it waits for a pool that was not there yet."""
        if self._options is not None:
            self._attach(False, timeout)
        if self._seat is None:
            raise Error(errno.EBADF, f"pool '{self.name}': this reader is closed", self.name)
        return self._seat

    def acquire(self, timeout: Optional[float] = None) -> Frame:
        """The next frame, waiting up to `timeout` seconds (0: not at all; None: for ever).

        Release it when you are done, or drop it. Timeout: nothing new. Ended: the stream has
        ended, and the next call waits for another, unless follow="never". WriterGone: only with
        that. HoldFull: `hold` frames are held by you or by views of yours. NoPool: in a loop of
        asyncio, where the constructor does not wait for the pool, so long as it is not there.
        """
        seat = self._seat_or_raise(timeout)
        lease = Lease(seat)
        code = -errno.EAGAIN
        for deadline_ns in deadlines(timeout):
            code = self._try(seat, lease, deadline_ns)
            if code != -errno.EAGAIN:
                break
        if code == 0:
            return Frame(self, lease)
        raise self._failure(code)

    def _try(self, seat: Seat, lease: Lease, deadline_ns: int) -> int:
        code = seat.call(lib.zoe_reader_acquire, ctypes.byref(lease.frame), deadline_ns)
        if code == -errno.EBUSY and gc.collect():
            # Views in cycles, an exception's traceback for one, were the last to keep a frame.
            code = seat.call(lib.zoe_reader_acquire, ctypes.byref(lease.frame), deadline_ns)
        return self._follow.outcome(code)

    def _failure(self, code: int) -> Error:
        if code == -errno.EBUSY:
            return HoldFull(
                errno.EBUSY, f"pool '{self.name}': all frames that this reader may hold are held. "
                "A numpy view keeps its frame: copy what you keep (frame.bgr(), view.copy()), or "
                "hold more: zoetrope.reader(name, hold=N)", self.name)
        if code == -errno.EAGAIN:
            status = self.status()
            state = "" if status.state == "live" else f": {status.state}"
            return Timeout(errno.EAGAIN, f"no new frame in pool '{self.name}'{state}", self.name)
        return failure(code, self.name)

    def status(self) -> Status:
        """The pool's state and this reader's counters, without waiting."""
        record = StatusRecord()
        self._seat_or_raise().call(lib.zoe_reader_get_status, ctypes.byref(record))
        return Status(_STATES[record.state], record.since_ns, record.epoch, record.received,
                      record.skipped, record.writer_pid, record.n_held,
                      ENDS[record.end] if _STATES[record.state] == "ended" else None)

    def source(self) -> Optional[Source]:
        """How the source of the present pool does; None: its writer has not said, or there is
        none now. status() says since when it is lost."""
        record = SourceRecord()
        code = self._seat_or_raise().call(lib.zoe_reader_get_source, ctypes.byref(record))
        if code == -errno.ENODATA:
            return None
        if code:
            raise failure(code, self.name)
        *counts, why, _reserved = (getattr(record, field) for field, _type in record._fields_)
        return Source(*counts, why.decode("utf-8", "replace"))

    def fileno(self) -> int:
        """A descriptor for select() and event loops: readable when acquire(0) has something to
        say. Then acquire(0) until it raises Timeout. It is the reader's: do not close it."""
        fd = self._seat_or_raise().call(lib.zoe_reader_get_fd)
        if fd < 0:
            raise failure(fd, self.name)
        return fd

    def close(self) -> None:
        """Give up the seat, as soon as no frame and no view is left. More than once is fine."""
        self._move_on()
        self._seat = self._options = None

    def _move_on(self) -> None:
        frame = self._current()
        if frame is not None:
            frame.release()

    def _arrived(self, frame: Frame) -> Frame:
        self._current = weakref.ref(frame)
        return frame

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<zoetrope.Reader of '{self.name}'{self._state()}>"

    def _state(self) -> str:
        return "" if self._seat else ", closed" if self._options is None else ", waiting"

    def __iter__(self) -> "Reader":
        return self

    def __next__(self) -> Frame:
        self._move_on()
        try:
            return self._arrived(self.acquire(self._timeout))
        except Ended:
            raise StopIteration from None

    def __aiter__(self) -> "Reader":
        return self

    async def __anext__(self) -> Frame:
        self._move_on()
        if self._options is not None:
            await self._attach_beside()
        end = None if self._timeout is None else time.monotonic() + self._timeout
        while True:
            try:
                return self._arrived(self.acquire(0))
            except Ended:
                raise StopAsyncIteration from None
            except Timeout:
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    raise
            await self._readable(left)

    async def _readable(self, timeout: Optional[float]) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        fd = self.fileno()
        loop.add_reader(fd, ready.set)
        try:
            await asyncio.wait_for(ready.wait(), timeout)
        except asyncio.TimeoutError:
            pass
        finally:
            loop.remove_reader(fd)
