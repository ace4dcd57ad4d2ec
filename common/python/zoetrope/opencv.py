# SPDX-License-Identifier: BSD-2-Clause
"""A pool for programs that were written for cv2.VideoCapture."""

from typing import TYPE_CHECKING, Any, Optional, Tuple

from ._library import Whole
from .errors import Ended, NoPool, Timeout
from .frame import Frame
from .reader import Reader

if TYPE_CHECKING:
    import numpy

CV_8UC3 = 16
FRAME_WIDTH, FRAME_HEIGHT, ORIENTATION_AUTO = 3, 4, 49  # cv2.CAP_PROP_…


class VideoCapture(Whole):
    """cv2.VideoCapture on the pool called `name`: change the constructor, keep the program.

    read() waits for the next frame and gives it as an array of your own, BGR as OpenCV has it;
    it follows a capture that is restarted, and says (False, None) when its input has ended.
    Pictures are upright, mirrored and turned as their file says, unless CAP_PROP_ORIENTATION_AUTO is
    set to 0. Options are those of zoetrope.reader(); timeout is 30 s here, as in OpenCV: without a pool
    isOpened() is False after it, and without a frame read() says (False, None).
    """

    def __init__(self, name: Optional[str] = None, **options: Any):
        self._reader: Optional[Reader] = None
        self._timeout: Optional[float] = None
        self._ended = False
        self._frame: Optional[Frame] = None     # the newest that was grabbed; held if _grabbed
        self._before: Optional[Frame] = None    # the one before it, for the frame rate
        self._grabbed = False
        self._ahead = False     # get() has grabbed it: the next grab() has it already
        self._upright = True    # CAP_PROP_ORIENTATION_AUTO
        if name is not None:
            self.open(name, **options)

    def open(self, name: str, **options: Any) -> bool:
        """Open another pool."""
        self.release()
        self._timeout = options.setdefault("timeout", 30.0)
        try:
            reader = Reader(name, **options)
            reader._seat_or_raise(self._timeout)    # in a loop of asyncio, too
        except NoPool:
            return False
        self._reader = reader
        return True

    def isOpened(self) -> bool:
        """Is there a pool?"""
        return self._reader is not None

    def grab(self) -> bool:
        """Wait for the next frame and hold it, for retrieve()."""
        if not self._ahead:
            self._grabbed = self._next()
        self._ahead = False
        return self._grabbed

    def _next(self) -> bool:
        if self._reader is None or self._ended:
            return False
        if self._frame is not None:
            self._frame.release()
        try:
            frame = self._reader.acquire(self._timeout)
        except (Ended, Timeout) as error:
            self._ended = isinstance(error, Ended)
            return False
        self._before, self._frame = self._frame, frame
        return True

    def retrieve(self, image: "Optional[numpy.ndarray]" = None, flag: int = 0,
                 ) -> "Tuple[bool, Optional[numpy.ndarray]]":
        """The grabbed frame, converted, into `image` if that fits."""
        frame = self._frame
        if not self._grabbed or frame is None:
            return False, None
        fits = image is not None and image.shape == (*self._shape(frame), 3)
        if not self._upright or not (frame.rotation or frame.mirrored):
            return True, frame.bgr(image if fits else None)
        import numpy
        picture = frame.upright(frame.bgr())
        if not fits or image is None:
            return True, numpy.ascontiguousarray(picture)
        numpy.copyto(image, picture)
        return True, image

    def _shape(self, frame: Frame) -> Tuple[int, int]:
        """Rows and columns of the picture that read() gives."""
        if self._upright and frame.rotation % 180:
            return frame.width, frame.height
        return frame.height, frame.width

    def read(self, image: "Optional[numpy.ndarray]" = None,
             ) -> "Tuple[bool, Optional[numpy.ndarray]]":
        """grab() and retrieve()."""
        return self.retrieve(image) if self.grab() else (False, None)

    def get(self, propId: int) -> float:
        """Before the first frame was read, this waits for it. 0 for what is not known."""
        if self._frame is None:
            self._ahead = self.grab()
        if propId == ORIENTATION_AUTO:
            return float(self._upright)
        if self._frame is None:
            return 0.0
        if propId in (FRAME_WIDTH, FRAME_HEIGHT):
            return float(self._shape(self._frame)[propId == FRAME_WIDTH])
        value = _PROPERTIES.get(propId)
        return float(value(self._frame, self._before)) if value else 0.0

    def set(self, propId: int, value: float) -> bool:
        """CAP_PROP_ORIENTATION_AUTO: whether pictures are upright, as they are, or (0) as they lie in
        memory. Nothing else can be set, capture decides: False."""
        if propId != ORIENTATION_AUTO:
            return False
        self._upright = bool(value)
        return True

    def getBackendName(self) -> str:
        """What this is."""
        return "ZOETROPE"

    def release(self) -> None:
        """Give up the seat."""
        if self._frame is not None:
            self._frame.release()
        if self._reader is not None:
            self._reader.close()
        self._reader = self._frame = self._before = None
        self._grabbed = self._ahead = self._ended = False


def _fps(frame: Frame, before: Optional[Frame]) -> float:
    """The stream's average, as OpenCV has it; else what the frames say."""
    if frame.rate:
        return float(frame.rate)
    if frame.duration:
        return 1 / frame.duration
    if before is None or before.epoch != frame.epoch or frame.time is None or before.time is None:
        return 0.0
    passed = frame.time - before.time
    return (frame.seq - before.seq) / passed if passed > 0 else 0.0


# cv2.CAP_PROP_...
_PROPERTIES = {
    0: lambda frame, before: (frame.time or 0) * 1000,      # POS_MSEC
    1: lambda frame, before: frame.seq,                     # POS_FRAMES: of the next one, from 0
    5: _fps,                                                # FPS
    8: lambda frame, before: CV_8UC3,                       # FORMAT
    16: lambda frame, before: 1,                            # CONVERT_RGB
    40: lambda frame, before: frame.sar.numerator,          # SAR_NUM
    41: lambda frame, before: frame.sar.denominator,        # SAR_DEN
    48: lambda frame, before: frame.rotation,               # ORIENTATION_META
}
