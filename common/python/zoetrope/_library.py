# SPDX-License-Identifier: BSD-2-Clause
"""libzoetrope through ctypes: its records and functions as <zoetrope/*.h> declares them."""

import ctypes
import os
from ctypes import (
    POINTER, Structure, c_bool, c_char, c_char_p, c_double, c_float, c_int, c_int32, c_int64,
    c_size_t, c_uint32, c_uint64, c_uint8, c_void_p,
)
from pathlib import Path
from typing import Any

VERSION = "0.3.0"
SONAME = "libzoetrope.so.0.3"

POLL = 0
LATEST, LOSSLESS = 0, 1
MAX_PLANES = 4
NO_PTS = -(1 << 63)


class Plane(Structure):
    """struct zoe_plane"""
    _fields_ = [
        ("offset_bytes", c_uint64), ("stride_bytes", c_uint32), ("row_bytes", c_uint32),
        ("rows", c_uint32), ("reserved", c_uint32),
    ]


class Hdr(Structure):
    """struct zoe_hdr"""
    _fields_ = [
        ("has_mastering", c_uint32), ("has_light_level", c_uint32),
        ("primaries", c_uint32 * 2 * 3), ("white_point", c_uint32 * 2),
        ("max_luminance", c_uint32), ("min_luminance", c_uint32),
        ("max_content", c_uint32), ("max_average", c_uint32),
    ]


class FrameInfo(Structure):
    """struct zoe_frame_info"""
    _fields_ = [
        ("width_px", c_uint32), ("height_px", c_uint32), ("format", c_char * 32),
        ("n_planes", c_uint32), ("flags", c_uint32), ("planes", Plane * MAX_PLANES),
        ("coded_width_px", c_uint32), ("coded_height_px", c_uint32),
        ("crop_left_px", c_uint32), ("crop_top_px", c_uint32),
        ("sar_num", c_int32), ("sar_den", c_int32),
        ("rotation_deg", c_uint32), ("field_order", c_uint32),
        ("range", c_uint32), ("matrix", c_uint32), ("primaries", c_uint32),
        ("transfer", c_uint32), ("chroma_location", c_uint32), ("mirrored", c_uint32),
        ("pts", c_int64), ("duration", c_int64),
        ("time_base_num", c_int32), ("time_base_den", c_int32),
        ("wall_ns", c_int64), ("read_ns", c_int64), ("decoded_ns", c_int64),
        ("published_ns", c_int64), ("hdr", Hdr),
        ("rate_num", c_int32), ("rate_den", c_int32), ("reserved", c_uint64 * 7),
    ]


class FrameRecord(Structure):
    """struct zoe_frame"""
    _fields_ = [
        ("seq", c_uint64), ("epoch", c_uint64), ("skipped", c_uint64),
        ("data", c_void_p * MAX_PLANES), ("info", FrameInfo), ("reserved", c_uint64 * 4),
    ]


class ReaderOptions(Structure):
    """struct zoe_reader_options"""
    _fields_ = [
        ("policy", c_int), ("hold", c_uint32), ("depth", c_uint32), ("every", c_uint32),
        ("max_fps", c_double), ("group", c_char_p), ("label", c_char_p), ("spin", c_bool),
        ("reserved_bytes", c_uint8 * 7), ("owner", c_char_p), ("follow", c_int),
        ("reserved", c_uint8 * 4),
    ]


class StatusRecord(Structure):
    """struct zoe_status"""
    _fields_ = [
        ("state", c_int), ("since_ns", c_int64), ("epoch", c_uint64), ("received", c_uint64),
        ("skipped", c_uint64), ("writer_pid", c_uint32), ("n_held", c_uint32),
        ("end", c_int), ("reserved_word", c_uint32), ("reserved", c_uint64 * 3),
    ]


class SourceRecord(Structure):
    """struct zoe_source"""
    _fields_ = [
        ("decoded", c_uint64), ("dropped", c_uint64), ("dropped_full", c_uint64),
        ("damaged", c_uint64), ("skipped", c_uint64), ("corrupt", c_uint64),
        ("decode_errors", c_uint64), ("restamped", c_uint64), ("reconnects", c_uint64),
        ("lag_ns", c_int64), ("bits_per_s", c_uint64), ("key_interval", c_uint32),
        ("n_tries", c_uint32), ("why", c_char * 192), ("reserved", c_uint64 * 16),
    ]


class MarkRecord(Structure):
    """struct zoe_mark"""
    _fields_ = [
        ("kind", c_uint32), ("score", c_float), ("x", c_float), ("y", c_float),
        ("width", c_float), ("height", c_float), ("id", c_int64), ("label", c_char * 32),
    ]


class ResultRecord(Structure):
    """struct zoe_result"""
    _fields_ = [
        ("worker", c_char * 32), ("seat", c_uint32), ("n_marks", c_uint32),
        ("epoch", c_uint64), ("seq", c_uint64), ("number", c_uint64), ("posted_ns", c_int64),
        ("marks", POINTER(MarkRecord)), ("json", c_char_p),
        ("reserved", c_uint64 * 4),
    ]


# The sizes that the C compiler gives them; tests/python compares every member, too.
SIZES = {
    Plane: 24, Hdr: 56, FrameInfo: 376, FrameRecord: 464, ReaderOptions: 64, StatusRecord: 80,
    SourceRecord: 416, MarkRecord: 64, ResultRecord: 120,
}

_FUNCTIONS = {
    "zoe_error": (c_char_p,),
    "zoe_version": (c_char_p,),
    "zoe_reader_attach_sized": (
        c_int, POINTER(c_void_p), c_char_p, POINTER(ReaderOptions), c_size_t, c_int64),
    "zoe_reader_acquire": (c_int, c_void_p, POINTER(POINTER(FrameRecord)), c_int64),
    "zoe_reader_release": (None, c_void_p, POINTER(FrameRecord)),
    "zoe_reader_get_fd": (c_int, c_void_p),
    "zoe_reader_get_status": (None, c_void_p, POINTER(StatusRecord)),
    "zoe_reader_get_source": (c_int, c_void_p, POINTER(SourceRecord)),
    "zoe_reader_detach": (None, POINTER(c_void_p)),
    "zoe_reader_post": (
        c_int, c_void_p, POINTER(FrameRecord), POINTER(MarkRecord), c_uint32, c_char_p),
    "zoe_results_open_owned": (c_int, POINTER(c_void_p), c_char_p, c_char_p, c_int64),
    "zoe_results_set_follow": (None, c_void_p, c_int),
    "zoe_results_next": (c_int, c_void_p, POINTER(POINTER(ResultRecord)), c_int64),
    "zoe_results_close": (None, POINTER(c_void_p)),
}


def encoded(text: str) -> bytes:
    """For the library. A file's name has the bytes that it had; what is neither UTF-8 nor from
    such a name becomes a question mark, and a NUL, which would end the text, U+FFFD."""
    text = text.replace("\0", "\ufffd")
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


class Whole:
    """What cannot be copied: it refers to memory that is held. Made by its constructor alone."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"a {type(self).__name__} cannot be copied or pickled, since it refers to "
                        "shared memory: copy the pixels (frame.bgr(), view.copy())")


def _candidates() -> "list[str]":
    """ZOETROPE_LIBRARY alone; else the library that was installed with us, then the linker's."""
    if os.environ.get("ZOETROPE_LIBRARY"):
        return [os.environ["ZOETROPE_LIBRARY"]]
    here = Path(__file__).resolve()
    # PREFIX/lib/python3/dist-packages/zoetrope/_library.py
    lib = here.parents[3] if len(here.parents) > 3 else here.parent
    beside = [*lib.glob(SONAME), *lib.glob("*/" + SONAME), *lib.parent.glob("lib64/" + SONAME)]
    return [str(path) for path in beside] + [SONAME]


def _load() -> ctypes.CDLL:
    for path in _candidates():
        try:
            library = ctypes.CDLL(path)
            break
        except OSError as error:
            failure = error
    else:
        raise ImportError(
            f"libzoetrope is not found ({failure}): install it and run ldconfig, or set "
            "ZOETROPE_LIBRARY to the path of libzoetrope.so")
    library.zoe_version.restype = c_char_p
    version = library.zoe_version().decode()
    if version.split(".")[:2] != VERSION.split(".")[:2]:
        raise ImportError(
            f"{path} is zoetrope {version} and this Python package is {VERSION}: install both "
            "of one version, or set ZOETROPE_LIBRARY to the path of the right libzoetrope.so")
    for name, (result, *arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


for _record, _size in SIZES.items():
    if ctypes.sizeof(_record) != _size:
        raise ImportError(f"zoetrope: {_record.__doc__} has {ctypes.sizeof(_record)} bytes "
                          f"on this machine instead of {_size}")
lib = _load()
