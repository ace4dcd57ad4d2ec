# SPDX-License-Identifier: BSD-2-Clause
"""Planes lie in the slot itself; who writes there dies alone; what is known about a frame."""

import pathlib
import signal
import struct
import subprocess
from fractions import Fraction

import numpy
import pytest
from conftest import number_of

import zoetrope
from zoetrope import formats


def mapping_of(address):
    """The line of /proc/self/maps."""
    for line in pathlib.Path("/proc/self/maps").read_text().splitlines():
        first, last = (int(end, 16) for end in line.split()[0].split("-"))
        if first <= address < last:
            return line
    return ""


def test_a_plane_is_the_slot_mapped_read_only(stage):
    stage.capture()
    with zoetrope.reader(stage.pool, timeout=10) as reader, reader.acquire(10) as frame:
        for plane, address in zip(frame.planes, frame.addresses):
            assert plane.ctypes.data == address
            line = mapping_of(address)
            assert line.split()[1] == "r--s" and f"zoe.{stage.pool}" in line
            assert not plane.flags.writeable and not plane.flags.owndata
            with pytest.raises(ValueError):
                plane[0, 0] = 1
            with pytest.raises(ValueError):
                plane.setflags(write=True)
        view = frame.planes[0][10:20, ::2]
        assert view.ctypes.data == frame.addresses[0] + 10 * frame.strides[0]
        assert numpy.asarray(view).base is not None


WRITER = """
import ctypes, sys, zoetrope
with zoetrope.reader(sys.argv[1], timeout=20) as reader:
    plane = reader.acquire(20).planes[0]
    print("before", flush=True)
    ctypes.memset(plane.ctypes.data, 0, 1)
    print("after", flush=True)
"""


def test_a_write_past_the_flag_kills_its_process_alone(stage):
    capture = stage.capture()
    with zoetrope.reader(stage.pool, timeout=10) as reader:
        first = reader.acquire(10).seq
        worker = stage.worker(WRITER)
        out, _ = worker.communicate(timeout=60)
        assert worker.returncode == -signal.SIGSEGV and out == "before\n"
        for _turn in range(5):
            frame = reader.acquire(10)
            assert number_of(frame) == frame.seq - 1
            frame.release()
        assert frame.seq > first and capture.poll() is None


def test_each_frame_of_a_lossless_stream_is_itself(stage):
    stage.lossless("--frames", "50")
    numbers = []
    for frame in zoetrope.reader(stage.pool, lossless=True, timeout=10):
        numbers.append(number_of(frame))
        assert frame.seq == number_of(frame) + 1 and frame.pts == number_of(frame)
    assert numbers == list(range(50))


def test_what_is_known_about_a_frame(stage):
    stage.lossless("--frames", "2")
    frame, last = list(zoetrope.reader(stage.pool, lossless=True, timeout=10))
    assert (frame.width, frame.height, frame.format) == (320, 240, "yuv420p")
    assert (frame.pool, frame.seq, frame.skipped, frame.pts) == (stage.pool, 1, 0, 0)
    assert (last.time_base, last.time, last.duration) == (Fraction(1, 30), 1 / 30, 1 / 30)
    assert frame.epoch == last.epoch != 0 and frame.rate == 30
    assert (frame.sar, frame.rotation, frame.range) == (1, 0, "limited")
    assert frame.flags & zoetrope.Flags.KEYFRAME
    assert 0 < frame.read_ns <= frame.decoded_ns <= frame.published_ns and frame.age_ms > 0
    assert "320x240" in repr(frame) and "released" in repr(frame)


def test_a_frame_has_the_times_of_its_own_packet(stage, tmp_path):
    """However many packets a decoder with frame threads and B-frames has swallowed since."""
    clip = tmp_path / "clip.mp4"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25",
                    "-frames:v", "40", "-c:v", "libx264", "-bf", "3", clip], check=True)
    packets = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=pts", "-of", "csv=p=0", clip],
                             check=True, capture_output=True, text=True).stdout
    stage.lossless("--threads", "4", source=str(clip))
    times = []
    for frame in zoetrope.reader(stage.pool, lossless=True, timeout=10):
        assert 0 < frame.read_ns <= frame.decoded_ns <= frame.published_ns
        times.append((frame.read_ns, frame.pts))
    assert len({read_ns for read_ns, _ in times}) == 40
    assert [pts for _, pts in sorted(times)] == [int(line.strip(",")) for line in packets.split()]


def with_boxes(movie, boxes):
    """An MP4 with boxes more in its only video's sample entry; its index comes last."""
    movie = bytearray(movie)
    at, entry = 0, movie.find(b"hvc1") - 4
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"hvc1"):
        at = movie.find(name, at)
        grown = int.from_bytes(movie[at - 4:at], "big") + len(boxes)
        movie[at - 4:at] = grown.to_bytes(4, "big")
    end = entry + int.from_bytes(movie[entry:entry + 4], "big") - len(boxes)
    return bytes(movie[:end] + boxes + movie[end:])


def test_what_the_container_alone_says_of_the_colours(stage, tmp_path):
    """HEVC that is silent, in an MP4 with colr, mdcv and clli."""
    clip = tmp_path / "clip.mp4"
    made = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=30000/1001",
         "-frames:v", "3", "-c:v", "libx265", "-x265-params", "log-level=none", "-tag:v", "hvc1", clip],
        check=False)
    if made.returncode:
        pytest.skip("this ffmpeg has no libx265")
    colr = b"nclx" + struct.pack(">HHHB", 9, 16, 9, 0)
    mdcv = struct.pack(">8H2I", 8500, 39850, 6550, 2300, 35400, 14600, 15635, 16450, 10000000, 50)
    clli = struct.pack(">2H", 1000, 400)
    boxes = b"".join(struct.pack(">I", 8 + len(body)) + name + body
                     for name, body in ((b"colr", colr), (b"mdcv", mdcv), (b"clli", clli)))
    clip.write_bytes(with_boxes(clip.read_bytes(), boxes))
    stage.lossless(source=str(clip))
    for frame in zoetrope.reader(stage.pool, lossless=True, timeout=10):
        hdr = frame._info.hdr
        assert (frame.matrix, frame.primaries, frame.transfer) == (9, 9, 16)
        assert hdr.has_mastering and [tuple(axis) for axis in hdr.primaries] == [
            (35400, 14600), (8500, 39850), (6550, 2300)]
        assert (tuple(hdr.white_point), hdr.max_luminance, hdr.min_luminance) == (
            (15635, 16450), 10000000, 50)
        assert hdr.has_light_level and (hdr.max_content, hdr.max_average) == (1000, 400)
        assert frame.rate == Fraction(30000, 1001)
    assert frame.seq == 3


def test_memory_needs_no_numpy(stage):
    stage.lossless("--frames", "1")
    with zoetrope.reader(stage.pool, lossless=True, timeout=10) as reader:
        frame = reader.acquire(10)
        memory = frame.memory(1)
        assert memory.readonly and memory.format == "B"
        for row in (0, 1, 119):
            start = row * frame.strides[1]
            assert bytes(memory[start:start + 160]) == frame.planes[1][row].tobytes()
        with pytest.raises(IndexError):
            frame.memory(3)


@pytest.mark.parametrize("name, plane, row_bytes, rows, dtype, shape", [
    ("yuv420p", 0, 640, 480, "|u1", (480, 640)),
    ("yuvj422p", 2, 320, 480, "|u1", (480, 320)),
    ("yuv420p10le", 1, 640, 240, "<u2", (240, 320)),
    ("yuv444p12be", 0, 1280, 480, ">u2", (480, 640)),
    ("yuva420p", 3, 640, 480, "|u1", (480, 640)),
    ("nv12", 1, 640, 240, "|u1", (240, 320, 2)),
    ("p010le", 1, 1280, 240, "<u2", (240, 320, 2)),
    ("gray", 0, 640, 480, "|u1", (480, 640)),
    ("gray16be", 0, 1280, 480, ">u2", (480, 640)),
    ("ya8", 0, 1280, 480, "|u1", (480, 640, 2)),
    ("rgb24", 0, 1920, 480, "|u1", (480, 640, 3)),
    ("0bgr", 0, 2560, 480, "|u1", (480, 640, 4)),
    ("rgba64le", 0, 5120, 480, "<u2", (480, 640, 4)),
    ("yuyv422", 0, 1280, 480, "|u1", (480, 640, 2)),
    ("gbrp10le", 2, 1280, 480, "<u2", (480, 640)),
    ("pal8", 1, 1024, 1, "|u1", (1, 256, 4)),
    ("rgb565le", 0, 1280, 480, "|u1", (480, 1280)),
    ("monow", 0, 80, 480, "|u1", (480, 80)),
    ("grayf32le", 0, 2560, 480, "|u1", (480, 2560)),
])
def test_planes_have_their_natural_shape(name, plane, row_bytes, rows, dtype, shape):
    assert formats.plane_shape(formats.describe(name), plane, row_bytes, rows) == (dtype, shape)
