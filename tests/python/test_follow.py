# SPDX-License-Identifier: BSD-2-Clause
"""Ends and restarts: who goes on after what, and what is said of it."""

import asyncio
import subprocess
import sys
import threading

import pytest
from conftest import wait_until

import zoetrope


def stop(capture):
    capture.terminate()
    assert capture.wait(60) == 0


def kill(capture):
    capture.kill()
    capture.wait(60)


def running(stage, *arguments):
    """A capture whose pool nobody has to wait for any more."""
    capture = stage.capture(*arguments)
    zoetrope.results(stage.pool, timeout=60).close()
    return capture


def last_one(stage, frames=20):
    """A capture whose input ends, and whose frames somebody waits for."""
    return stage.capture("--wait-readers", "1", "--frames", str(frames))


def until_over(reader):
    while True:
        reader.acquire(20).release()


@pytest.mark.parametrize("way", ["restarts", True])
def test_a_loop_goes_on_after_a_stop_and_a_death_and_ends_with_the_input(stage, way):
    captures, said, epochs = [running(stage)], [], []
    reader = zoetrope.reader(stage.pool, timeout=20, follow=way, waiting=said.append)
    for frame in reader:
        if frame.epoch in epochs:
            continue
        epochs.append(frame.epoch)
        if len(epochs) == 1:
            stop(captures[0])
            captures.append(stage.capture())
        elif len(epochs) == 2:
            kill(captures[1])
            last_one(stage)
    assert len(epochs) == 3
    assert (reader.status().state, reader.status().end) == ("ended", "input")
    stopped, there, died, there_again = said
    assert stopped == f"the writer of pool '{stage.pool}' (pid {captures[0].pid}) was stopped"
    assert died == f"the writer of pool '{stage.pool}' (pid {captures[1].pid}) died"
    assert there is None and there_again is None


def test_always_goes_on_after_the_end_of_an_input(stage):
    running(stage, "--wait-readers", "1", "--frames", "20")
    said, epochs = [], set()
    for frame in zoetrope.reader(stage.pool, timeout=20, follow="always", waiting=said.append):
        if not epochs:
            wait_until(lambda: stage.processes[0].poll() is not None)
            stage.capture()
        epochs.add(frame.epoch)
        if len(epochs) == 2:
            break
    assert said == [f"pool '{stage.pool}' has ended", None]


@pytest.mark.parametrize("way", ["never", False])
def test_never_hears_of_a_death_and_then_that_all_is_over(stage, way):
    capture, said = running(stage), []
    with zoetrope.reader(stage.pool, timeout=20, follow=way, waiting=said.append) as reader:
        reader.acquire(10).release()
        kill(capture)
        with pytest.raises(zoetrope.WriterGone, match=f"{stage.pool}.*{capture.pid}"):
            until_over(reader)
        assert (reader.status().state, reader.status().end) == ("writer gone", None)
        stage.capture()
        zoetrope.reader(stage.pool, timeout=20).acquire(20).release()
        assert not list(reader)
    assert not said


def test_for_never_a_stop_is_an_end(stage):
    capture = stage.capture()
    with zoetrope.reader(stage.pool, timeout=20, follow="never") as reader:
        reader.acquire(10).release()
        assert reader.status().end is None
        stop(capture)
        with pytest.raises(zoetrope.Ended, match="was stopped"):
            until_over(reader)
        assert (reader.status().state, reader.status().end) == ("ended", "stopped")


def kinds(stage, said):
    """What waits for a pool, each by itself: a reader, in a loop of asyncio, too, and results."""
    async def beside():
        async for _frame in zoetrope.reader(stage.pool, timeout=60, waiting=said.append):
            break

    return (lambda: zoetrope.reader(stage.pool, timeout=60, waiting=said.append).close(),
            lambda: zoetrope.results(stage.pool, timeout=60, waiting=said.append).close(),
            lambda: asyncio.run(beside()))


@pytest.mark.parametrize("kind", range(3))
def test_the_first_wait_is_told_and_that_it_is_over(stage, kind):
    said = []
    waits = threading.Thread(target=kinds(stage, said)[kind], daemon=True)
    waits.start()
    wait_until(lambda: said)
    assert said == [f"waiting for pool '{stage.pool}'"]
    stage.capture()
    waits.join(60)
    assert said == [f"waiting for pool '{stage.pool}'", None]


@pytest.mark.parametrize("kind", range(3))
def test_of_a_pool_that_is_there_no_wait_is_told(stage, kind):
    running(stage)
    said = []
    kinds(stage, said)[kind]()
    assert not said


def test_without_a_timeout_no_wait_is_told(stage):
    said = []
    for kind in (zoetrope.reader, zoetrope.results):
        with pytest.raises(zoetrope.NoPool):
            kind(stage.pool, timeout=0, waiting=said.append)
    assert not said


def test_there_are_three_ways(stage):
    for follow in ("sometimes", None, ""):
        for kind in (zoetrope.reader, zoetrope.results):
            with pytest.raises(ValueError, match="restarts, always or never"):
                kind(stage.pool, follow=follow, timeout=0)


def test_async_for_goes_on_and_ends_as_the_loop_does(stage):
    async def read(follow, between):
        capture, epochs, said = running(stage), [], []
        async for frame in zoetrope.reader(stage.pool, timeout=20, follow=follow,
                                           waiting=said.append):
            if frame.epoch not in epochs:
                epochs.append(frame.epoch)
                if len(epochs) == 1:
                    between(capture)
                    last_one(stage)
        stage.finish()
        return len(epochs), len(said)

    assert asyncio.run(read("restarts", stop)) == (2, 2)
    assert asyncio.run(read("restarts", kill)) == (2, 2)
    assert asyncio.run(read("never", stop)) == (1, 0)
    with pytest.raises(zoetrope.WriterGone):
        asyncio.run(read("never", kill))


def test_results_go_on_and_say_so_though_nobody_posts(stage):
    capture, said = running(stage), []
    with zoetrope.results(stage.pool, timeout=60, waiting=said.append) as results:
        stop(capture)
        with pytest.raises(zoetrope.Timeout):
            results.next(1)
        assert len(said) == 1 and "was stopped" in said[0]
        stage.capture()
        while len(said) == 1:
            with pytest.raises(zoetrope.Timeout):
                results.next(0.2)
        assert said[1] is None
        with zoetrope.reader(stage.pool, timeout=20) as reader:
            reader.acquire(20).post(json={"a": 1})
        assert results.next(20).data == {"a": 1} and len(said) == 2


def test_results_that_never_follow(stage):
    for end, error in ((stop, zoetrope.Ended), (kill, zoetrope.WriterGone)):
        capture = stage.capture()
        with zoetrope.results(stage.pool, timeout=60, follow="never") as results:
            end(capture)
            with pytest.raises(error):
                results.next(60)
            assert not list(results)


def test_video_capture_follows_as_it_is_told(stage):
    capture = stage.capture()
    video = zoetrope.VideoCapture(stage.pool, timeout=20)
    assert video.read()[0]
    stop(capture)
    last_one(stage)
    assert video.read()[0]
    while video.read()[0]:
        pass
    capture = stage.capture()
    video = zoetrope.VideoCapture(stage.pool, timeout=20, follow="never")
    assert video.read()[0]
    stop(capture)
    while video.read()[0]:
        pass
    stage.capture()
    assert video.read() == (False, None)


def test_the_source_is_described(stage):
    capture = stage.lossless("--frames", "8")
    with zoetrope.reader(stage.pool, lossless=True, timeout=20) as reader:
        for _turn in range(5):
            reader.acquire(20).release()
        source = reader.source()
        assert source.decoded >= 4 and source.why == "" and source.tries == source.reconnects == 0
        assert len(list(reader)) == 3 and capture.wait(60) == 0
        assert reader.source() is None


def command(stage, *arguments):
    return stage.run(sys.executable, "-m", "zoetrope", stage.pool, *arguments,
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("end, status", [(stop, 0), (kill, 1)])
def test_the_command_that_is_not_to_follow(stage, end, status):
    capture = running(stage)
    process = command(stage, "--follow", "never")
    process.stdout.readline()
    end(capture)
    error = process.communicate(timeout=60)[1]
    assert process.returncode == status
    assert error == "" if status == 0 else error.count("\n") == 1 and " died" in error


def test_the_command_says_what_it_waits_for(stage):
    capture = running(stage)
    process = command(stage)
    process.stdout.readline()
    stop(capture)
    last_one(stage)
    lines = process.communicate(timeout=60)[1].splitlines()
    assert process.returncode == 0 and lines == [
        f"python3 -m zoetrope: the writer of pool '{stage.pool}' (pid {capture.pid}) was stopped; "
        "waiting for the next one of that name",
        f"python3 -m zoetrope: pool '{stage.pool}' is there"]
