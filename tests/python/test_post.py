# SPDX-License-Identifier: BSD-2-Clause
"""What a worker posts arrives as it was meant, and a worker that fails hurts nobody."""

import json
import math
import signal
import time

import numpy
import pytest
from conftest import number_of, wait_until

import zoetrope


@pytest.fixture
def pair(stage):
    """A reader that posts, and the results of its pool."""
    stage.capture()
    with zoetrope.reader(stage.pool, label="tester", timeout=10) as reader:
        with zoetrope.results(stage.pool, timeout=10) as results:
            yield reader, results


def near(mark, **expected):
    for name, value in expected.items():
        found = getattr(mark, name)
        if isinstance(value, float):
            assert math.isclose(found, value, abs_tol=1e-6)
        else:
            assert found == value


def test_marks_of_each_kind_arrive_as_posted(pair):
    reader, results = pair
    frame = reader.acquire(10)
    assert frame.post(
        boxes=[(0.1, 0.2, 0.3, 0.4, "person", 0.93, 7), [0.0, 0.0, 1.0, 1.0],
               {"x": 0.5, "y": 0.5, "width": 0.1, "height": 0.1, "id": 9}],
        points=[(0.5, 0.25)], lines=[(0.1, 0.2, 0.4, 0.1, "edge")], texts=[(0, 0.9, "hello")],
        json={"mean": numpy.float32(1.5), "list": numpy.arange(2), "who": "ä"}) is True
    result = results.next(10)
    assert (result.worker, result.number) == ("tester", 1)
    assert (result.seq, result.epoch) == (frame.seq, frame.epoch)
    assert 0 < result.posted_ns <= time.monotonic_ns()
    box, bare, other, point, line, text = result.marks
    near(box, kind="box", x=0.1, y=0.2, width=0.3, height=0.4, label="person", score=0.93, id=7)
    near(bare, kind="box", width=1.0, label="", score=0.0, id=0)
    near(other, id=9, x=0.5)
    near(point, kind="point", x=0.5, y=0.25, width=0.0)
    near(line, kind="line", x=0.1, y=0.2, width=0.3, height=-0.1, label="edge")
    near(text, kind="text", y=0.9, label="hello")
    assert result.data == {"mean": 1.5, "list": [0, 1], "who": "ä"}


def test_pixels_become_fractions(pair):
    reader, results = pair
    frame = reader.acquire(10)
    frame.post(boxes=[(80, 60, 160, 120)], lines=[(0, 0, 320, 240)], points=numpy.array([[32, 24]]),
               pixels=True)
    box, point, line = results.next(10).marks
    near(box, x=0.25, y=0.25, width=0.5, height=0.5)
    near(point, x=0.1, y=0.1)
    near(line, width=1.0, height=1.0)


def test_nothing_is_news_too_and_a_frame_may_be_gone(pair):
    reader, results = pair
    frame = reader.acquire(10)
    frame.release()
    assert frame.post()
    result = results.next(10)
    assert (result.seq, result.marks, result.json, result.data) == (frame.seq, (), "", None)


def test_json_text_is_taken_as_it_is_and_long_labels_are_cut(pair):
    reader, results = pair
    reader.acquire(10).post(json='{"a": 1}', texts=[(0, 0, "a" + "ä" * 40)])
    result = results.next(10)
    assert result.json == '{"a": 1}' and result.marks[0].label == "a" + "ä" * 15


def test_what_is_out_of_range_is_a_value_error_that_names_the_way_out(pair):
    reader, _results = pair
    frame = reader.acquire(10)
    with pytest.raises(ValueError, match=f"{reader.name}.*fractions.*pixels=True"):
        frame.post(boxes=[(100, 100, 50, 50)])
    with pytest.raises(ValueError, match="box .*width"):
        frame.post(boxes=[(0.1, 0.1)])
    with pytest.raises(ValueError, match="colour"):
        frame.post(boxes=[{"x": 0, "y": 0, "width": 1, "height": 1, "colour": 3}])
    with pytest.raises(ValueError, match="more than"):
        frame.post(points=[(0, 0, "a", 0.5, 1, 2)])
    with pytest.raises(zoetrope.Invalid):
        frame.post(boxes=[(float("nan"), 0, 0.1, 0.1)])
    with pytest.raises(zoetrope.Invalid):
        frame.post(json="x" * 20000)
    with pytest.raises(TypeError, match="nothing for JSON"):
        frame.post(json={"a": object()})


WORKER = """
import sys, zoetrope
for frame in zoetrope.reader(sys.argv[1], label=sys.argv[2], timeout=20):
    frame.post(boxes=[(0.1, 0.1, 0.2, 0.2, "thing")] * 500, json={"seq": frame.seq})
    if sys.argv[3] == "raise":
        raise RuntimeError("on purpose")
    while True:
        frame.post(boxes=[(0.1, 0.1, 0.2, 0.2, "thing")] * 500, json={"seq": frame.seq})
"""


@pytest.mark.parametrize("how", ["raise", signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_fails_while_it_posts_hurts_nobody(stage, how):
    capture = stage.capture()
    with zoetrope.reader(stage.pool, timeout=10) as viewer, zoetrope.results(stage.pool) as results:
        worker = stage.worker(WORKER, "poster", str(how))
        seen = results.next(20)
        if how != "raise":
            for _turn in range(3):
                results.next(10)
            worker.send_signal(how)
        else:
            assert "on purpose" in worker.communicate(timeout=60)[1]
        assert seen.worker == "poster" and len(seen.marks) == 500 and "seq" in seen.data
        last = None
        for _turn in range(30):
            frame = viewer.acquire(10)
            assert number_of(frame) == frame.seq - 1 and frame.seq != last
            last = frame.seq
            frame.release()
            try:
                result = results.next(0)
                assert len(result.marks) == 500 and json.loads(result.json)
            except zoetrope.Timeout:
                pass
        assert capture.poll() is None
        # Somebody else's results come through.
        viewer.acquire(10).post(json="1")
        wait_until(lambda: results.next(10).data == 1)
        worker.kill()


def test_a_worker_outlives_the_capture_that_it_posts_to(stage):
    """post() is False when there is nobody to tell, so five lines follow a restart."""
    first = stage.capture()
    with zoetrope.reader(stage.pool, timeout=10) as reader:
        frame = reader.acquire(10)
        frame.post()
        first.kill()
        first.wait()
        stage.capture()
        frame.release()
        later = reader.acquire(20)
        while later.epoch == frame.epoch:       # one that was waiting when capture died
            later = reader.acquire(20)
        assert frame.post() is False
        assert later.post() is True
