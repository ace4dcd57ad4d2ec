# SPDX-License-Identifier: BSD-2-Clause
"""FFmpeg's pixel formats: what the planes of each look like as arrays."""

import functools
import re
from typing import NamedTuple, Optional, Tuple


class Format(NamedTuple):
    """How to read a pixel format."""
    kind: str               # "yuv", "nv", "yuyv", "gray", "rgb", "gbr", "pal"
    dtype: str              # of the elements, in numpy's words
    bits: int               # that an element's value uses, counted from its lowest
    channels: Tuple[int, ...]   # of each plane: 1: an array of (rows, columns)
    order: str = ""         # what the channels of an interleaved plane are
    shrink: Tuple[int, int] = (1, 1)    # chroma has one value for so many columns, rows


_SHRINK = {"420": (2, 2), "422": (2, 1), "444": (1, 1), "440": (1, 2), "411": (4, 1), "410": (4, 4)}
_PLANAR = re.compile(r"(yuv[ja]?(4\d\d)p|gray|gbra?p)(\d*)(le|be)?")
_PACKED = re.compile(r"(rgb|bgr|[rgba0]{4})(24|48|64|)(le|be)?")
_YUYV = ("yuyv422", "uyvy422", "yvyu422")
# Two planes, luma and both chromas. The elements of p010 stand in the high bits of 16.
_TWO_PLANES = {
    "nv12": (8, "uv", "420"), "nv21": (8, "vu", "420"), "nv16": (8, "uv", "422"),
    "nv20": (10, "uv", "422"), "nv24": (8, "uv", "444"), "nv42": (8, "vu", "444"),
    "p010": (16, "uv", "420"), "p012": (16, "uv", "420"), "p016": (16, "uv", "420"),
    "p210": (16, "uv", "422"), "p216": (16, "uv", "422"),
    "p410": (16, "uv", "444"), "p416": (16, "uv", "444"),
}


def _dtype(bits: int, end: Optional[str]) -> str:
    return "|u1" if bits <= 8 else ">u2" if end == "be" else "<u2"


def _planar(match: "re.Match[str]") -> Format:
    family, shrink, digits, end = match.groups()
    bits = int(digits or 8)
    if shrink:
        return Format("yuv", _dtype(bits, end), bits, (1,) * 4, shrink=_SHRINK.get(shrink, (1, 1)))
    return Format("gray" if family == "gray" else "gbr", _dtype(bits, end), bits, (1,) * 4)


def _packed(match: "re.Match[str]") -> Optional[Format]:
    order, digits, end = match.groups()
    bits = 16 if digits in ("48", "64") else 8
    # rgb24, bgr48, rgba, rgba64; but rgb565 and the like are something else.
    if not set("rgb") <= set(order) or (len(order) == 3) != (digits in ("24", "48")):
        return None
    return Format("rgb", _dtype(bits, end), bits, (len(order),), order)


@functools.lru_cache(maxsize=None)
def describe(name: str) -> Optional[Format]:
    """The format of that name, or None: then each plane is bytes."""
    stem, end = (name[:-2], name[-2:]) if name[-2:] in ("le", "be") else (name, None)
    if stem in _TWO_PLANES:
        bits, order, shrink = _TWO_PLANES[stem]
        return Format("nv", _dtype(bits, end), bits, (1, 2), order, _SHRINK[shrink])
    if name in _YUYV:
        return Format("yuyv", "|u1", 8, (2,), name[:4], (2, 1))
    if name == "pal8":
        return Format("pal", "|u1", 8, (1, 4))
    if stem in ("ya8", "ya16"):
        bits = int(stem[2:])
        return Format("gray", _dtype(bits, end), bits, (2,))
    match = _PLANAR.fullmatch(name)
    if match:
        return _planar(match)
    match = _PACKED.fullmatch(name)
    return _packed(match) if match else None


def plane_shape(format: Optional[Format], plane: int, row_bytes: int, rows: int,
                ) -> "Tuple[str, Tuple[int, ...]]":
    """dtype and shape of a plane; (rows, row_bytes) of bytes where the format is not known."""
    if format is None or plane >= len(format.channels):
        return "|u1", (rows, row_bytes)
    channels = format.channels[plane]
    columns = row_bytes // (int(format.dtype[2]) * channels)
    return format.dtype, (rows, columns, channels) if channels > 1 else (rows, columns)
