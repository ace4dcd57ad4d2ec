# SPDX-License-Identifier: BSD-2-Clause
"""Look at video frames where zoe-capture decoded them, in shared memory, without a copy.

    import zoetrope
    for frame in zoetrope.reader("main"):          # waits, follows restarts, ends with the input
        luma = frame.planes[0]                     # numpy, no copy, read-only by the kernel
        bgr = frame.bgr()                          # one conversion, your own array
        frame.post(boxes=[(0.1, 0.2, 0.3, 0.4, "person", 0.93)])   # fractions of the picture

A frame is held from the moment you get it until you release it or the loop moves on, and while
it is held it does not change. A numpy view keeps its frame held for as long as the view lives:
it never shows another picture. A reader holds at most `hold` frames (2) at once, so copy what
you keep for longer, or ask for more.

reader() gives frames, results() what others posted about them, VideoCapture is a reader with
the interface of cv2.VideoCapture. `python3 -m zoetrope main` prints what arrives.
"""

from ._library import VERSION as __version__
from .errors import (
    Ended, Error, HoldFull, Invalid, NoPool, ReleasedError, Timeout, UnknownFormat, WriterGone,
)
from .frame import Flags, Frame
from .marks import Mark
from .opencv import VideoCapture
from .reader import Reader, Source, Status
from .results import Result, Results

reader = Reader
results = Results

__all__ = [
    "Ended", "Error", "Flags", "Frame", "HoldFull", "Invalid", "Mark", "NoPool", "Reader",
    "ReleasedError", "Result", "Results", "Source", "Status", "Timeout", "UnknownFormat",
    "VideoCapture", "WriterGone", "__version__", "reader", "results",
]
