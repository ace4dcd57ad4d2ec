# SPDX-License-Identifier: BSD-2-Clause
"""How frames come: policies, groups, restarts, Ctrl-C, asyncio, and OpenCV's interface."""

import asyncio
import re
import select
import signal
import subprocess
import sys
import textwrap
import time

import numpy
import pytest
from conftest import ROOT, number_of, wait_until

import zoetrope


def test_queue_keeps_the_newest_n(stage):
    stage.capture(source="test:320x240@100")
    with zoetrope.reader(stage.pool, queue=4, timeout=10) as reader:
        start = reader.acquire(10).seq
        wait_until(lambda: zoetrope.reader(stage.pool).acquire(10).seq > start + 8)
        seqs = [reader.acquire(0).seq for _turn in range(4)]
        assert seqs == list(range(seqs[0], seqs[0] + 4)) and seqs[0] > start + 1


def test_every_and_fps_thin_the_stream(stage):
    stage.capture(source="test:320x240@100")
    with zoetrope.reader(stage.pool, every=10, queue=8, timeout=10) as reader:
        seqs = [next(reader).seq for _turn in range(4)]
        assert all(b - a >= 10 for a, b in zip(seqs[1:], seqs[2:]))
    with zoetrope.reader(stage.pool, fps=5, timeout=10) as reader:
        # A second's worth. What came late is followed sooner; without the limit these would take 50 ms.
        times = [next(reader).time for _turn in range(6)]
        assert times[5] - times[0] > 0.5


def test_timeout_is_said_with_the_pool(stage):
    capture = stage.capture(source="test:320x240@0.1")
    with zoetrope.reader(stage.pool, timeout=10) as reader:
        reader.acquire(10).release()
        for timeout in (0, 0.3):
            with pytest.raises(zoetrope.Timeout, match=stage.pool):
                reader.acquire(timeout)
        assert reader.status().state == "live" and reader.status().writer_pid == capture.pid


GROUP = """
import sys, time, zoetrope
print("here", flush=True)
for frame in zoetrope.reader(sys.argv[1], group="detectors", timeout=20):
    time.sleep(0.1)
    print(frame.epoch, frame.seq, flush=True)
"""


def test_a_group_shares_the_stream_and_no_frame_goes_to_two(stage):
    stage.capture("--wait-readers", "3", "--frames", "90")
    workers = [stage.worker(GROUP) for _n in range(3)]
    shares = [worker.communicate(timeout=100)[0].splitlines()[1:] for worker in workers]
    together = sum(shares, [])
    assert len(together) == len(set(together))
    assert all(len(share) > 3 for share in shares)
    assert len(together) > 1.5 * max(len(share) for share in shares)


def test_the_loop_follows_a_restart_and_ends_with_the_stream(stage):
    first = stage.capture()
    reader = zoetrope.reader(stage.pool, timeout=20)
    epochs = []
    for frame in reader:
        if frame.epoch not in epochs:
            epochs.append(frame.epoch)
            if len(epochs) == 1:
                first.kill()
                first.wait()
                stage.capture("--frames", "20")
    assert len(epochs) == 2
    assert reader.status().state == "ended"


def test_acquire_says_that_a_stream_has_ended(stage):
    stage.lossless("--frames", "1")
    with zoetrope.reader(stage.pool, lossless=True, timeout=10) as reader:
        reader.acquire(10).release()
        with pytest.raises(zoetrope.Ended, match=stage.pool):
            reader.acquire(10)


WAIT = """
import sys, zoetrope
try:
    print("here", flush=True)
    zoetrope.reader(sys.argv[1]) if sys.argv[2] == "attach" else next(zoetrope.{}(sys.argv[1]))
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("what", ["attach", "reader", "results"])
def test_ctrl_c_ends_every_wait(stage, what):
    if what != "attach":
        stage.capture("--wait-readers", "2", "--lossless")
    worker = stage.worker(WAIT.format("reader" if what == "attach" else what), what)
    assert worker.stdout.readline() == "here\n"
    time.sleep(0.3)
    worker.send_signal(signal.SIGINT)
    assert worker.communicate(timeout=30)[0] == "interrupted\n"


def test_the_descriptor_is_for_select(stage):
    stage.capture()
    with zoetrope.reader(stage.pool, timeout=10) as reader:
        for _turn in range(3):
            assert select.select([reader], [], [], 10)[0] == [reader]
            while True:
                try:
                    reader.acquire(0).release()
                except zoetrope.Timeout:
                    break


def test_asyncio_goes_on_beside_the_frames(stage):
    stage.lossless("--frames", "30")

    async def read():
        numbers = []
        async for frame in zoetrope.reader(stage.pool, lossless=True, timeout=10):
            numbers.append(number_of(frame))
            await asyncio.sleep(0)
        return numbers

    assert asyncio.run(read()) == list(range(30))


def test_asyncio_waits_without_blocking_the_loop(stage):
    stage.capture(source="test:320x240@2")

    async def read():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.005)
                ticks += 1

        clock = asyncio.create_task(tick())
        seqs = []
        async for frame in zoetrope.reader(stage.pool, timeout=10):
            seqs.append(frame.seq)
            if len(seqs) == 4:
                break
        clock.cancel()
        return ticks, seqs

    ticks, seqs = asyncio.run(read())
    assert len(set(seqs)) == 4 and ticks > 10


def test_asyncio_timeout_and_cancel(stage):
    stage.capture(source="test:320x240@0.1")

    async def read():
        reader = zoetrope.reader(stage.pool, timeout=10)
        (await reader.__anext__()).release()
        reader._timeout = 0.2
        with pytest.raises(zoetrope.Timeout, match=stage.pool):
            await reader.__anext__()
        reader._timeout = None
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(reader.__anext__(), 0.2)
        assert not asyncio.get_running_loop().remove_reader(reader.fileno())

    asyncio.run(read())


def test_video_capture_reads_to_the_end_as_opencv_s_does(stage):
    stage.lossless("--frames", "5")
    video = zoetrope.VideoCapture(stage.pool, lossless=True, timeout=10)
    assert video.isOpened() and video.getBackendName() == "ZOETROPE"
    assert (video.get(3), video.get(4), video.get(5), video.get(1)) == (320, 240, 30, 1)
    assert video.get(99) == 0 and video.set(3, 640) is False
    frames = []
    while True:
        ok, picture = video.read()
        if not ok:
            break
        assert picture.shape == (240, 320, 3) and picture.flags.writeable
        frames.append((video.get(1), round(video.get(0))))
    assert frames == [(1, 0), (2, 33), (3, 67), (4, 100), (5, 133)]
    began = time.monotonic()
    assert picture is None and video.read() == (False, None) and video.isOpened()
    assert time.monotonic() - began < 5     # of 10: it does not wait for another stream
    assert video.retrieve() == (False, None)
    video.release()
    assert not video.isOpened() and video.read() == (False, None) and video.get(3) == 0


def test_video_capture_without_a_pool_is_not_opened():
    video = zoetrope.VideoCapture("nobody-writes-this", timeout=0.1)
    assert not video.isOpened() and video.read() == (False, None)
    assert not zoetrope.VideoCapture().isOpened()


def test_video_capture_fills_the_image_and_times_out(stage):
    stage.capture(source="test:320x240@0.1")
    video = zoetrope.VideoCapture(stage.pool, timeout=0.5)
    wait_until(lambda: video.isOpened() or video.open(stage.pool, timeout=0.5))
    image = numpy.zeros((240, 320, 3), numpy.uint8)
    assert video.grab()
    assert video.retrieve(image)[1] is image and image.any()
    assert video.read() == (False, None)


def test_asyncio_waits_for_a_missing_pool_without_blocking_the_loop(stage):
    async def read():
        async for frame in zoetrope.reader(stage.pool, timeout=60):
            return frame.seq

    async def main():
        ticks = 0
        waiting = asyncio.ensure_future(read())
        while ticks < 20:
            await asyncio.sleep(0.01)
            ticks += 1
        assert not waiting.done()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(read(), 0.3)
        stage.capture()
        return await waiting

    assert asyncio.run(main()) >= 1


def test_asyncio_calls_that_do_not_wait(stage):
    async def main():
        reader = zoetrope.reader(stage.pool)
        for call in (lambda: reader.acquire(0), lambda: reader.acquire(0.05), reader.status, reader.source,
                     reader.fileno):
            with pytest.raises(zoetrope.NoPool):
                call()
        video = zoetrope.VideoCapture(stage.pool, timeout=0.1)
        assert not video.isOpened() and video.read() == (False, None)

    asyncio.run(main())


def test_asyncio_says_why_it_got_no_seat(stage):
    async def read():
        async for _frame in zoetrope.reader(stage.pool, lossless=True, timeout=float("inf")):
            pass

    stage.capture()
    with pytest.raises(zoetrope.Error, match="is not lossless"):
        asyncio.run(read())


def test_asyncio_without_a_pool_ends_by_the_timeout(stage):
    async def read(timeout):
        async for _frame in zoetrope.reader(stage.pool, timeout=timeout):
            pass

    for timeout in (0, 0.2):
        with pytest.raises(zoetrope.NoPool):
            asyncio.run(read(timeout))


@pytest.mark.parametrize("text", [zoetrope.__doc__, (ROOT / "README.md").read_text("utf-8")],
                         ids=["docstring", "README"])
def test_the_example_runs(stage, text):
    lines = (text.partition("```python\n")[2].partition("```")[0] or
             textwrap.dedent(text.partition("copy.\n\n")[2].partition("\n\nA frame")[0]))
    assert "import zoetrope" in lines
    program = re.sub(r'reader\("\w+"\)', f'reader("{stage.pool}")', lines)
    capture = stage.capture()
    worker = stage.run(sys.executable, "-W", "error", "-c", program, stderr=subprocess.PIPE)
    with zoetrope.results(stage.pool, timeout=60) as results:
        mark = results.next(60).marks[0]
    assert (mark.kind, mark.label) == ("box", "person") and 0 <= mark.x <= 1
    capture.terminate()     # which it follows, and the end of an input ends it
    capture.wait()
    stage.capture("--wait-readers", "1", "--frames", "5")
    assert worker.communicate(timeout=60)[1] == "" and worker.returncode == 0
