# SPDX-License-Identifier: BSD-2-Clause
"""A view keeps its frame; a released frame gives no view; nothing is held by accident."""

import gc
import os
import pathlib
import threading

import pytest
from conftest import number_of, wait_until

import zoetrope


@pytest.fixture
def reader(stage):
    stage.capture(source="test:320x240@100")
    a_reader = zoetrope.reader(stage.pool, timeout=10)
    yield a_reader
    a_reader.close()


def test_a_view_keeps_the_frame_as_it_was(reader):
    frame = reader.acquire(10)
    view, number = frame.planes[0][::2], number_of(frame)
    before = view.copy()
    frame.release()
    assert reader.status().held == 1
    for _turn in range(20):
        reader.acquire(10).release()
    assert int.from_bytes(bytes(view[0, :8]), "little") == number
    assert (view == before).all()
    del view
    assert reader.status().held == 0
    with reader.acquire(10):
        assert len(reader._seat.leases) == 1
    assert not reader._seat.leases      # without a view it is returned at once


def test_a_memoryview_keeps_it_as_well(reader):
    with reader.acquire(10) as frame:
        memory = frame.memory(0)[8:16]
    assert reader.status().held == 1
    del memory
    assert reader.status().held == 0


def test_planes_of_a_released_frame_raise(reader):
    frame = reader.acquire(10)
    seq = frame.seq
    frame.release()
    frame.release()
    for look in (lambda: frame.planes, lambda: frame.memory(0), lambda: frame.bgr(),
                 lambda: frame.addresses):
        with pytest.raises(zoetrope.ReleasedError, match=f"{reader.name}.*frame {seq} .*copy"):
            look()
    assert frame.seq == seq
    with reader.acquire(10) as frame:
        pass
    with pytest.raises(zoetrope.ReleasedError):
        frame.planes


def test_the_loop_releases_what_it_leaves_behind(reader):
    frames = []
    for frame in reader:
        frame.planes
        assert reader.status().held == 1
        frames.append(frame)
        if len(frames) == 5:
            break
    with pytest.raises(zoetrope.ReleasedError):
        frames[3].planes
    assert frames[4].planes
    reader.close()
    with pytest.raises(zoetrope.ReleasedError):
        frames[4].planes


def test_hold_full_says_that_views_keep_frames(reader):
    kept = []
    with pytest.raises(zoetrope.HoldFull, match=f"{reader.name}.*view.*copy.*hold=N"):
        for frame in reader:
            kept.append(frame.planes[0])
    assert len(kept) == 2
    kept.pop()
    next(reader).release()


def test_hold_is_how_many_may_be_kept(stage):
    stage.capture(source="test:320x240@100")
    reader = zoetrope.reader(stage.pool, hold=5, timeout=10)
    kept = [reader.acquire(10).planes[0] for _turn in range(5)]
    assert len({view.ctypes.data for view in kept}) == 5
    with pytest.raises(zoetrope.HoldFull):
        reader.acquire(10)


def test_views_in_garbage_are_no_reason_to_refuse(reader):
    gc.disable()
    try:
        for _turn in range(2):
            cycle = [reader.acquire(10).planes[0]]
            cycle.append(cycle)
            del cycle
        assert reader.status().held == 2
        reader.acquire(10).release()
    finally:
        gc.enable()


def test_a_closed_reader_s_seat_stays_for_its_views_and_no_longer(stage, reader):
    view = reader.acquire(10).planes[0]
    before = view.copy()
    reader.close()
    maps = pathlib.Path("/proc/self/maps")
    assert (view == before).all() and f"zoe.{stage.pool}" in maps.read_text()
    del view
    assert f"zoe.{stage.pool}" not in maps.read_text()


def test_views_may_be_dropped_in_any_thread(stage, reader):
    """Even while the reader waits in another: nothing is lost, nothing hangs."""
    frames, done = [], threading.Event()

    def drop():
        while not done.is_set() or frames:
            if frames:
                frames.pop()

    thread = threading.Thread(target=drop)
    thread.start()
    n_full = 0
    for _turn in range(300):
        try:
            frames.append(reader.acquire(10).planes[0])
        except zoetrope.HoldFull:
            n_full += 1
    done.set()
    thread.join(30)
    assert not thread.is_alive()
    wait_until(lambda: reader.status().held == 0)


def test_a_view_dropped_during_a_call_of_another_thread_waits_for_it(stage):
    """The library's reader belongs to one thread at a time."""
    stage.capture(source="test:320x240@0.1")
    reader = zoetrope.reader(stage.pool, timeout=10)
    view = reader.acquire(10).planes[0]
    thread = threading.Thread(target=lambda: pytest.raises(zoetrope.Timeout, reader.acquire, 1))

    def is_in_a_call():
        if reader._seat._lock.acquire(blocking=False):
            reader._seat._lock.release()
            return False
        return True

    thread.start()
    n_waited = 0
    while thread.is_alive() and not n_waited:
        if is_in_a_call():
            view = None
            n_waited = len(reader._seat.returned)
    assert n_waited == 1
    thread.join(30)
    assert not any(way_back.frame for way_back in reader._seat.returned)
    assert reader.status().held == 0


def test_ctrl_c_loses_no_frame(stage, reader):
    """An exception between the library and us: the frame that came with it goes back."""
    import signal
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    n_interrupts = 0
    for _turn in range(20):
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.015)
            while True:
                reader.acquire(10).release()
        except KeyboardInterrupt:
            n_interrupts += 1
    assert n_interrupts == 20 and reader.status().held == 0


def test_a_forked_child_has_nothing_and_ends_well(reader):
    frame = reader.acquire(10)
    view = frame.planes[0]
    child = os.fork()
    if child == 0:
        status = 1
        try:
            frame.planes
        except zoetrope.Error as error:
            status = 0 if "parent" in str(error) else 2
        del frame, view, reader
        gc.collect()
        os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert view[0, 0] == view[0, 0] and reader.status().held == 1


AT_EXIT = """
import sys, zoetrope
reader = zoetrope.reader(sys.argv[1], timeout=20)
frame = reader.acquire(20)
kept = [frame.planes[0], reader.acquire(20).memory(1)]
kept.append(kept)
reader.fileno()
results = zoetrope.results(sys.argv[1])
print("ok", flush=True)
"""


def test_python_ends_well_with_views_alive(stage, reader):
    worker = stage.worker(AT_EXIT)
    out, err = worker.communicate(timeout=60)
    assert (worker.returncode, out, err) == (0, "ok\n", "")
