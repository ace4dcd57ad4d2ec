# SPDX-License-Identifier: BSD-2-Clause
"""What can go wrong. Each error says which pool and why, and has .errno and .pool."""

import errno
from typing import Optional

from ._library import lib


def printable(text: str) -> str:
    """What stands in a pool may be any bytes: a terminal shows this, and obeys nothing in it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
                   for c in text)


class Error(OSError):
    """Something about a pool; `errno` as in <zoetrope/*.h> (positive), `pool` its name."""

    def __init__(self, number: int, text: str, pool: Optional[str] = None):
        super().__init__(number, text)
        self.pool = pool

    def __str__(self) -> str:
        return self.strerror


class NoPool(Error, FileNotFoundError):
    """There is no pool of that name, or only one whose writer died."""


class Timeout(Error, TimeoutError):
    """Nothing new within the timeout, or the writer does not answer."""


class Ended(Error):
    """The stream has ended, every frame was delivered, and no other is followed."""


class WriterGone(Error):
    """The capture process failed or died, and follow="never"."""


class HoldFull(Error):
    """The reader holds as many frames as it may: views keep them."""


class Invalid(Error, ValueError):
    """A name, an option, a mark or a text is out of range."""


class ReleasedError(Error, ValueError):
    """The frame was released, so its pixels are no longer yours to look at."""


class UnknownFormat(Error, ValueError):
    """There is no conversion from the frame's pixel format."""


_CLASSES = {
    errno.ENOENT: NoPool, errno.EAGAIN: Timeout, errno.ETIMEDOUT: Timeout, errno.ENODATA: Ended,
    errno.EOWNERDEAD: WriterGone, errno.EBUSY: HoldFull, errno.EINVAL: Invalid,
}


def error_text(pool: str, advice: str = "") -> str:
    """What a function of the library just failed with in this thread, in one line."""
    text = lib.zoe_error().decode("utf-8", "replace") + advice
    return text if pool in text else f"pool '{pool}': {text}"


def failure(code: int, pool: str, advice: str = "") -> Error:
    """The exception for what a function of the library just returned in this thread."""
    text = error_text(pool, advice)
    return _CLASSES.get(-code, Error)(-code, text, pool)
