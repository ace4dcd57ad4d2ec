# SPDX-License-Identifier: BSD-2-Clause
"""Frames to BGR and gray: through OpenCV where it is there, else through numpy."""

import errno
import functools
from typing import TYPE_CHECKING, Any, Optional, Tuple

from .errors import UnknownFormat
from .formats import Format, describe

if TYPE_CHECKING:
    import numpy

    from .frame import Frame


@functools.lru_cache(maxsize=None)
def opencv() -> Any:
    """OpenCV's module, or None. Loaded when first needed: it is large."""
    try:
        import cv2
        return cv2
    except ImportError:
        return None


# Weights of red and blue in luma by H.273 matrix code; all others are taken as BT.601.
_WEIGHTS = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 7: (0.212, 0.087), 9: (0.2627, 0.0593),
            10: (0.2627, 0.0593)}
_BT601 = (0.299, 0.114)
_YCGCO = 8


def _known(frame: "Frame") -> Format:
    known = describe(frame.format)
    if known is None:
        raise UnknownFormat(
            errno.EINVAL, f"pool '{frame.pool}': no conversion from pixel format {frame.format}: "
            "use frame.planes, or start zoe-capture with --pix-fmt bgr24", frame.pool)
    return known


def bgr(frame: "Frame", out: "Optional[numpy.ndarray]") -> "numpy.ndarray":
    """Frame.bgr()"""
    import numpy
    known = _known(frame)
    shape = (frame.height, frame.width, 3)
    if out is None:
        out = numpy.empty(shape, numpy.uint8)
    elif (out.shape != shape or out.dtype != numpy.uint8 or not out.flags.c_contiguous
          or not out.flags.writeable):
        raise ValueError(f"out is {out.dtype}{out.shape}: frame {frame.seq} needs a writable, "
                         f"contiguous array of uint8{shape}")
    _CONVERSIONS[known.kind](frame, known, out)
    return out


def gray(frame: "Frame") -> "numpy.ndarray":
    """Frame.gray()"""
    import numpy
    known = _known(frame)
    if known.kind in ("yuv", "nv", "gray", "yuyv"):
        return _eight_bits(_luma(frame, known), known.bits)
    weights = numpy.array([0.114, 0.587, 0.299], numpy.float32)
    return numpy.rint(bgr(frame, None) @ weights).astype(numpy.uint8)


def _luma(frame: "Frame", known: Format) -> "numpy.ndarray":
    plane = frame.planes[0]
    if plane.ndim == 3:
        plane = plane[..., known.order.index("y") if known.kind == "yuyv" else 0]
    return plane[:, :frame.width]


def _eight_bits(plane: "numpy.ndarray", bits: int) -> "numpy.ndarray":
    """Of full range, an array of one's own."""
    import numpy
    if bits == 8:
        return plane.copy()
    return numpy.rint(plane * numpy.float32(255 / ((1 << bits) - 1))).astype(numpy.uint8)


# RGB in its various orders

def _from_rgb(frame: "Frame", known: Format, out: "numpy.ndarray") -> None:
    plane = frame.planes[0]
    if known.bits > 8:
        plane = _eight_bits(plane, known.bits)
    from_channels = [known.order.index(letter) for letter in "bgr"]
    if opencv() and known.order != "bgr":
        opencv().mixChannels([plane], [out], [n for pair in zip(from_channels, range(3)) for n in pair])
        return
    for to, channel in enumerate(from_channels):
        out[..., to] = plane[..., channel]


def _from_gbr(frame: "Frame", known: Format, out: "numpy.ndarray") -> None:
    for to, plane in enumerate((1, 0, 2)):      # planes are G, B, R
        out[..., to] = _eight_bits(frame.planes[plane], known.bits)


def _from_palette(frame: "Frame", _known: Format, out: "numpy.ndarray") -> None:
    import numpy
    indices, palette = frame.planes
    numpy.take(palette[0, :, :3], indices, axis=0, out=out)


def _from_gray(frame: "Frame", known: Format, out: "numpy.ndarray") -> None:
    import numpy
    luma = _luma(frame, known)
    if frame.range == "limited":
        unit = 1 << (known.bits - 8)
        stretched = (luma - numpy.float32(16 * unit)) * numpy.float32(255 / (219 * unit))
        out[...] = numpy.rint(stretched).clip(0, 255)[..., None]
    else:
        out[...] = _eight_bits(luma, known.bits)[..., None]


# YUV

def _is_full(frame: "Frame") -> bool:
    return frame.range == "full" or (frame.range is None and frame.format.startswith("yuvj"))


def _chroma(frame: "Frame", known: Format) -> "Tuple[numpy.ndarray, numpy.ndarray]":
    if known.kind == "yuv":
        return frame.planes[1], frame.planes[2]
    if known.kind == "nv":
        pair = frame.planes[1]
        return pair[..., known.order.index("u")], pair[..., known.order.index("v")]
    both = frame.planes[0][..., 1 - known.order.index("y")]
    first, second = both[:, 0::2], both[:, 1::2]
    return (first, second) if known.order.index("u") < known.order.index("v") else (second, first)


def _by_opencv(frame: "Frame", known: Format, out: "numpy.ndarray") -> bool:
    """OpenCV's own conversion, where it has one for this format, matrix and range."""
    cv2 = opencv()
    if (not cv2 or known.bits > 8 or _is_full(frame) or frame.matrix in (*_WEIGHTS, _YCGCO)
            or frame.width % 2 or frame.height % 2):
        return False
    if known.kind == "yuyv":
        cv2.cvtColor(frame.planes[0], getattr(cv2, f"COLOR_YUV2BGR_{known.order.upper()}"), dst=out)
    elif known.shrink == (2, 2):
        pair = frame.planes[1] if known.kind == "nv" else cv2.merge(frame.planes[1:3])
        code = cv2.COLOR_YUV2BGR_NV21 if known.order == "vu" else cv2.COLOR_YUV2BGR_NV12
        cv2.cvtColorTwoPlane(frame.planes[0], pair, code, dst=out)
    else:
        return False
    return True


def _matrix(frame: "Frame", bits: int) -> Any:
    """Three rows for B, G, R of weights for y, u, v, 1."""
    import numpy
    red, blue = _WEIGHTS.get(frame.matrix, _BT601)
    green = 1 - red - blue
    if _is_full(frame):
        black, luma, colour = 0.0, 255 / ((1 << bits) - 1), 255 / ((1 << bits) - 1)
    else:
        unit = 1 << (bits - 8)
        black, luma, colour = 16.0 * unit, 255 / (219 * unit), 255 / (224 * unit)
    if frame.matrix == _YCGCO:
        u = numpy.array([-1.0, 1.0, -1.0]) * colour
        v = numpy.array([-1.0, 0.0, 1.0]) * colour
    else:
        u = numpy.array([2 * (1 - blue), -2 * (1 - blue) * blue / green, 0]) * colour
        v = numpy.array([0, -2 * (1 - red) * red / green, 2 * (1 - red)]) * colour
    y = numpy.full(3, luma)
    one = -black * y - (1 << (bits - 1)) * (u + v)
    return numpy.stack((y, u, v, one), axis=1).astype(numpy.float32)


def _from_yuv(frame: "Frame", known: Format, out: "numpy.ndarray") -> None:
    import numpy
    if _by_opencv(frame, known, out):
        return
    matrix = _matrix(frame, known.bits)
    planes = [_luma(frame, known), *_chroma(frame, known)]
    if known.dtype[0] == ">":
        planes = [plane.astype("<u2") for plane in planes]
    if not _is_full(frame):
        # Blacker than black is black before it is coloured: so OpenCV has it.
        planes[0] = numpy.maximum(planes[0], planes[0].dtype.type(16 << (known.bits - 8)))
    if opencv():
        _transform(planes, known.shrink, matrix, out)
        return
    width, height = known.shrink
    y, u, v = (plane.astype(numpy.float32) for plane in planes)
    for channel, (by_y, by_u, by_v, one) in enumerate(matrix):
        colour = (u * by_u + v * by_v + one).repeat(height, axis=0).repeat(width, axis=1)
        value = y * by_y + colour[:frame.height, :frame.width]
        out[..., channel] = numpy.rint(value).clip(0, 255)


def _transform(planes: Any, shrink: Tuple[int, int], matrix: Any, out: "numpy.ndarray") -> None:
    cv2 = opencv()
    height, width = out.shape[:2]
    size = (planes[1].shape[1] * shrink[0], planes[1].shape[0] * shrink[1])
    wide = [cv2.resize(plane, size, interpolation=cv2.INTER_NEAREST)[:height, :width]
            for plane in planes[1:]] if shrink != (1, 1) else planes[1:]
    merged = cv2.merge([planes[0], *wide])
    if merged.dtype.itemsize == 1:
        cv2.transform(merged, matrix, dst=out)
    else:
        cv2.convertScaleAbs(cv2.transform(merged, matrix), dst=out)


_CONVERSIONS = {"yuv": _from_yuv, "nv": _from_yuv, "yuyv": _from_yuv, "gray": _from_gray,
                "rgb": _from_rgb, "gbr": _from_gbr, "pal": _from_palette}
