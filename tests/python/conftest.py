# SPDX-License-Identifier: BSD-2-Clause
"""Pools to read from, and workers that are processes of their own."""

import ctypes
import itertools
import os
import pathlib
import struct
import subprocess
import sys
import time

import numpy
import pytest

from zoetrope import convert

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "common" / "python"
_numbers = itertools.count()
_libc = ctypes.CDLL(None)


def _die_with_parent():
    _libc.prctl(1, 9)


def start(*command, **options):
    """A process that does not outlive this one."""
    environment = dict(os.environ, PYTHONPATH=str(PACKAGE), PYTHONDONTWRITEBYTECODE="1")
    options.setdefault("env", environment)
    return subprocess.Popen(command, preexec_fn=_die_with_parent, text=True, **options)


def wait_until(condition, seconds=60):
    """Poll; a machine under load may take its time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("it never came to that")


class Stage:
    """One pool name, and the processes around it."""

    def __init__(self):
        self.pool = f"py{os.getpid()}x{next(_numbers)}"
        self.processes = []

    def run(self, *command, **options):
        process = start(*command, **options)
        self.processes.append(process)
        return process

    def capture(self, *arguments, source="test:320x240@30"):
        return self.run("zoe-capture", "-q", "-n", self.pool, *arguments, source)

    def lossless(self, *arguments, source="test:320x240@30", readers=1):
        """A capture of which each frame can be told: it waits for its readers."""
        return self.capture("--lossless", "--fast", "--wait-readers", str(readers), *arguments,
                            source=source)

    def worker(self, program, *arguments):
        """A Python program that finds the pool in sys.argv[1]; it prints to a pipe."""
        return self.run(sys.executable, "-c", program, self.pool, *arguments,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finish(self):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe:
                    pipe.close()
        left = list(pathlib.Path("/dev/shm").glob(f"zoe.{self.pool}*"))
        for path in left:
            path.unlink()
        return left


@pytest.fixture
def stage():
    a_stage = Stage()
    yield a_stage
    a_stage.finish()


@pytest.fixture(scope="session")
def clip():
    """The path of a clip of which people know what is in it."""
    path = pathlib.Path(os.environ.get("ZOE_TEST_MEDIA", "")) / "pedestrians-768x576.avi"
    if not path.is_file():
        pytest.skip(f"no clip {path}: set ZOE_TEST_MEDIA")
    return str(path)


def with_matrix(movie, ways):
    """A QuickTime file whose track is shown by this matrix."""
    movie, (a, b, c, d) = bytearray(movie), ways
    at = movie.find(b"tkhd") + 44
    movie[at:at + 24] = struct.pack(">6i", a << 16, b << 16, 0, c << 16, d << 16, 0)
    return bytes(movie)


def number_of(frame):
    """The number that is written into each row of the test picture; see program/picture.h."""
    numbers = set()
    for plane in frame.planes:
        for row in (0, plane.shape[0] // 2, plane.shape[0] - 1):
            for stamp in (plane[row, :8], plane[row, -8:]):
                numbers.add(int.from_bytes(bytes(b ^ (row & 255) for b in bytes(stamp)), "little"))
    assert len(numbers) == 1, f"torn: {numbers}"
    return numbers.pop()


@pytest.fixture(params=["opencv", "numpy"])
def either_way(request, monkeypatch):
    """With OpenCV, and as if it were not there."""
    if request.param == "numpy":
        monkeypatch.setattr(convert, "opencv", lambda: None)


def close(a, b, levels=1):
    assert a.shape == b.shape and a.dtype == b.dtype == numpy.uint8
    assert numpy.abs(a.astype(int) - b).max() <= levels
