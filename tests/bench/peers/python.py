#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""multiprocessing.shared_memory and a semaphore, by the contract of peer.h.

The publisher copies a numpy frame into the shared block and releases the semaphore. The
receiver is its child and is given the block itself: one that attaches it by name would,
in Python before 3.13, have it unlinked at its exit.
"""

import ctypes
import multiprocessing
import os
import platform
import signal
import sys
import time
from multiprocessing import shared_memory

try:
    import numpy
except ImportError:
    numpy = None

WARM_UP = 20  # as in peer_main.c


def receive(block, ready, n_frames: int) -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    stamp = numpy.ndarray(2, numpy.int64, block.buf)
    latencies, indices = [], []
    while len(latencies) < WARM_UP + n_frames:
        ready.acquire()
        latencies.append(time.monotonic_ns() - int(stamp[0]))
        indices.append(int(stamp[1]))
    print(*latencies[WARM_UP:], sep="\n")
    print("missed", max(0, indices[-1] - indices[WARM_UP] + 1 - n_frames))


def publish(block, ready, receiver, frame, interval_ns: int) -> None:
    shared = numpy.ndarray(frame.shape, frame.dtype, block.buf)
    stamp = frame[:16].view(numpy.int64)
    due = time.monotonic_ns()
    while receiver.is_alive():
        due = max(due + interval_ns, time.monotonic_ns())
        time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        stamp[1] += 1
        stamp[0] = time.monotonic_ns()
        shared[:] = frame
        ready.release()


def run(directory: str, size: str, n_frames: int, interval_ns: int) -> int:
    width, height = map(int, size.split("x"))
    frame = numpy.full(width * height * 3 // 2, 128, numpy.uint8)
    frame[:16] = 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    ready = multiprocessing.Semaphore(0)
    block = shared_memory.SharedMemory(os.path.basename(directory), create=True, size=frame.nbytes)
    try:
        receiver = multiprocessing.Process(target=receive, args=(block, ready, n_frames), daemon=True)
        receiver.start()
        publish(block, ready, receiver, frame, interval_ns)
        receiver.join()
        return receiver.exitcode
    finally:
        block.unlink()


def main() -> int:
    if sys.argv[1:] == ["version"]:
        print(f"{platform.python_version()}, numpy {numpy.__version__}" if numpy else
              "numpy is not installed (Debian: python3-numpy)")
        return 0 if numpy else 1
    if len(sys.argv) == 7 and sys.argv[1] == "run":
        return run(sys.argv[3], sys.argv[4], int(sys.argv[5]), int(sys.argv[6]))
    print("Usage: peer-python version | run WAY DIR WIDTHxHEIGHT FRAMES INTERVAL_NS", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
