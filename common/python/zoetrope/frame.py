# SPDX-License-Identifier: BSD-2-Clause
"""A frame: its pixels where they lie in shared memory, and what is known about it."""

import ctypes
import enum
import errno
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Iterable, Optional, Tuple

from . import convert, formats
from ._library import NO_PTS, FrameRecord, Whole, lib
from .errors import ReleasedError, failure, printable
from .lease import Lease, Memory
from .marks import encode_json, encode_marks, lay_marks

if TYPE_CHECKING:
    import numpy

    from .reader import Reader


class Flags(enum.IntFlag):
    """Frame.flags"""
    KEYFRAME = 1
    CORRUPT = 2             # something is lacking in it or in what it was made from
    DISCONTINUITY = 4       # time does not run on from the frame before
    REPEAT = 8              # the same picture as the frame before
    COPIED = 16             # copied or converted into its slot, not decoded there
    CAMERA_CLOCK = 32       # wall_ns is when the picture was taken, by the camera's clock


class Frame(Whole):
    """A frame that a reader was granted.

    Its pixels do not change while it is held: until release(), the end of `with frame:`, the
    next turn of `for frame in reader`, or until it is dropped. Then `planes` raises
    ReleasedError; views taken before stay valid and keep the slot held as long as they live.
    What is known about the frame can be read at any time:

    pool            the name of the pool
    seq, epoch      1, 2, 3 … within an epoch; an epoch is one life of the pool
    skipped         frames published since this reader's last one and not acquired
    width, height   of the visible picture, in pixels
    format          FFmpeg's name of the pixel format: "yuv420p"
    flags           see Flags
    rotation        turn it by this clockwise to show it upright: 0, 90, 180, 270
    mirrored        and before that turn exchange its left and right; see upright()
    matrix, primaries, transfer     code points of ITU-T H.273, 2 is unspecified
    chroma_location                 0 unknown, else 1 + H.273 Chroma420SampleLocType
    wall_ns         time.time_ns() when its packet was read, or see Flags.CAMERA_CLOCK
    read_ns, decoded_ns, published_ns   time.monotonic_ns() when its packet was read, it was
                                        decoded, and published
    """

    def __init__(self, reader: "Reader", lease: Lease):
        self._reader = reader
        self._lease: Optional[Lease] = lease
        self._planes: "Optional[Tuple[numpy.ndarray, ...]]" = None
        self._record = FrameRecord.from_buffer_copy(lease.frame.contents)
        self._info = info = self._record.info
        self.pool: str = reader.name
        self.seq: int = self._record.seq
        self.epoch: int = self._record.epoch
        self.skipped: int = self._record.skipped
        self.width: int = info.width_px
        self.height: int = info.height_px
        self.format: str = printable(info.format.decode("utf-8", "replace"))
        self.flags = Flags(info.flags)
        self.rotation: int = info.rotation_deg
        self.mirrored: bool = bool(info.mirrored)
        self.matrix: int = info.matrix
        self.primaries: int = info.primaries
        self.transfer: int = info.transfer
        self.chroma_location: int = info.chroma_location
        self.wall_ns: int = info.wall_ns
        self.read_ns: int = info.read_ns
        self.decoded_ns: int = info.decoded_ns
        self.published_ns: int = info.published_ns

    # Pixels

    @property
    def planes(self) -> "Tuple[numpy.ndarray, ...]":
        """The planes as numpy arrays over the slot itself: no copy, read-only.

        Planar formats: (rows, columns); interleaved ones, and the second plane of nv12:
        (rows, columns, channels); uint8, or uint16 for more than 8 bits ('>u2' if the format
        ends in "be"). A format that is not known: (rows, bytes of a row). The palette of pal8
        is (1, 256, 4), B, G, R, A.

        numpy's read-only flag is a courtesy: whoever gets past it dies of SIGSEGV.
        """
        if self._planes is None:
            import numpy
            lease = self._held()
            self._planes = tuple(
                numpy.asarray(self._memory(lease, i)) for i in range(self._info.n_planes))
        self._held()
        return self._planes

    def _memory(self, lease: Lease, i: int) -> Memory:
        plane = self._info.planes[i]
        dtype, shape = formats.plane_shape(
            formats.describe(self.format), i, plane.row_bytes, plane.rows)
        return Memory(lease, self._record.data[i], dtype, shape, plane.stride_bytes)

    def memory(self, plane: int = 0) -> memoryview:
        """A plane's bytes without numpy: rows strides[plane] bytes apart, read-only, no copy."""
        lease, info = self._held(), self._info.planes[range(self._info.n_planes)[plane]]
        n_bytes = (info.rows - 1) * info.stride_bytes + info.row_bytes
        block = (ctypes.c_uint8 * n_bytes).from_address(self._record.data[plane])
        block.lease = lease     # the view refers to the block
        return memoryview(block).cast("B").toreadonly()

    @property
    def addresses(self) -> Tuple[int, ...]:
        """Where each plane begins in this process."""
        self._held()
        return tuple(self._record.data[:self._info.n_planes])

    @property
    def strides(self) -> Tuple[int, ...]:
        """Bytes from each plane's row to the next."""
        return tuple(plane.stride_bytes for plane in self._info.planes[:self._info.n_planes])

    def bgr(self, out: "Optional[numpy.ndarray]" = None) -> "numpy.ndarray":
        """The picture as OpenCV has it: (height, width, 3) of uint8, an array of your own.

        One conversion, into `out` if given. By the frame's own matrix and range where it says
        them (BT.601, 709, 2020, YCgCo …); else as OpenCV does, BT.601 of limited range. It lies as it lies in memory, see
        upright(); pixel aspect is not applied. UnknownFormat for formats that are neither YUV, RGB,
        gray nor palette.
        """
        return convert.bgr(self, out)

    def upright(self, picture: "numpy.ndarray") -> "numpy.ndarray":
        """A picture of this frame as it lies in memory (a plane, bgr(), gray()), mirrored and turned
        as it is to be shown: a view of it, without a copy. For OpenCV to draw on:
        numpy.ascontiguousarray(frame.upright(frame.bgr()))."""
        import numpy
        return numpy.rot90(picture[:, ::-1] if self.mirrored else picture, -(self.rotation // 90))

    def gray(self) -> "numpy.ndarray":
        """The luma as it is, in 8 bits, (height, width): an array of your own."""
        return convert.gray(self)

    # Life

    def release(self) -> None:
        """Return the frame, or leave it to the views of it that are still there. When they are
        gone the reader's next call returns it."""
        if self._lease is not None:
            seat = self._lease.seat
            self._lease = self._planes = None
            seat.settle()

    def _held(self) -> Lease:
        if self._lease is None:
            raise ReleasedError(
                errno.ESTALE, f"pool '{self.pool}': frame {self.seq} was released (or the loop "
                "moved on): take planes while it is held, and copy what you keep", self.pool)
        self._lease.seat.check_process()
        return self._lease

    def __enter__(self) -> "Frame":
        return self

    def __exit__(self, *_: Any) -> None:
        self.release()

    def __repr__(self) -> str:
        state = "" if self._lease else ", released"
        return (f"<zoetrope.Frame {self.seq} of '{self.pool}', "
                f"{self.width}x{self.height} {self.format}{state}>")

    # Results

    def post(self, boxes: Iterable[Any] = (), points: Iterable[Any] = (),
             lines: Iterable[Any] = (), texts: Iterable[Any] = (), json: Any = None,
             pixels: bool = False, upright: bool = False) -> bool:
        """Say what you saw in this frame, for zoe-display, zoe-events and zoetrope.results().

        boxes   (x, y, width, height[, label[, score[, id]]])
        points  (x, y[, label[, score[, id]]])
        lines   (x1, y1, x2, y2[, label[, score[, id]]])
        texts   (x, y, label[, score[, id]])

        or dicts with these keys. Coordinates are fractions of the picture, 0 to 1 from its
        upper left corner as it lies in the planes; with pixels=True they are pixels, with
        upright=True of the picture as upright() shows it. A label is cut after 31 bytes, a score is above 0 to 1, an id is the same in other frames.
        json: a text, or anything that json.dumps() takes. Posting nothing is news, too.

        Also after release(). False: the pool is over or its writer does not answer, so there
        is nobody to tell. Invalid (a ValueError) for what is out of range.
        """
        scale = (1 / self.width, 1 / self.height) if pixels else (1.0, 1.0)
        if upright and self.rotation % 180:
            scale = scale[::-1]
        marks = encode_marks(scale, boxes, points, lines, texts)
        if upright:
            lay_marks(marks, self.rotation, self.mirrored)
        code = self._reader._seat_or_raise().call(
            lib.zoe_reader_post, ctypes.byref(self._record), marks, len(marks), encode_json(json))
        if code in (-errno.ESTALE, -errno.ETIMEDOUT):
            return False
        if code:
            outside = any(not (-1 <= mark.x <= 2 and -1 <= mark.y <= 2) for mark in marks)
            raise failure(code, self.pool, "" if pixels or not outside else
                          "; for pixels pass pixels=True")
        return True

    # What is known

    @property
    def range(self) -> Optional[str]:
        """'limited', 'full', or None: the frame does not say."""
        return {1: "limited", 2: "full"}.get(self._info.range)

    @property
    def sar(self) -> Fraction:
        """A pixel's width : height; 1 if not known."""
        number, by = self._info.sar_num, self._info.sar_den
        return Fraction(number, by) if number and by else Fraction(1)

    @property
    def pts(self) -> Optional[int]:
        """Presentation time in units of time_base."""
        return None if self._info.pts == NO_PTS else self._info.pts

    @property
    def time_base(self) -> Optional[Fraction]:
        """Seconds, the unit of pts and duration."""
        info = self._info
        return Fraction(info.time_base_num, info.time_base_den) if info.time_base_den else None

    @property
    def time(self) -> Optional[float]:
        """Presentation time in seconds."""
        base = self.time_base
        return None if self.pts is None or base is None else float(self.pts * base)

    @property
    def duration(self) -> Optional[float]:
        """How long it is shown, in seconds."""
        base = self.time_base
        return float(self._info.duration * base) if self._info.duration and base else None

    @property
    def rate(self) -> Optional[Fraction]:
        """Frames a second of its stream, on average, as the source says."""
        info = self._info
        return Fraction(info.rate_num, info.rate_den) if info.rate_num and info.rate_den else None

    @property
    def wall(self) -> Optional[float]:
        """time.time() when its packet was read or the picture taken."""
        return self._info.wall_ns / 1e9 if self._info.wall_ns else None

    @property
    def age_ms(self) -> float:
        """Milliseconds since it was published."""
        return (time.monotonic_ns() - self._info.published_ns) / 1e6
