# SPDX-License-Identifier: BSD-2-Clause
"""samples/people.py posts what OpenCV's detector finds, on the frame in which it found it."""

import subprocess
import sys

import numpy
import pytest
from conftest import ROOT, start, with_matrix

import zoetrope

cv2 = pytest.importorskip("cv2", reason="python3-opencv is missing")

PEOPLE = str(ROOT / "samples" / "people.py")
N_FRAMES = 4


def detect(picture):
    hog = cv2.HOGDescriptor()
    hog.setSVMDetector(cv2.HOGDescriptor_getDefaultPeopleDetector())
    found, scores = hog.detectMultiScale(picture, winStride=(8, 8), scale=1.05)
    return [tuple(box) for box, score in zip(found.tolist(), scores) if score >= 0.5]


def test_boxes_are_the_detector_s_on_the_frame_that_it_saw(stage, clip):
    stage.lossless("--frames", str(N_FRAMES), source=clip, readers=2)
    results = zoetrope.results(stage.pool, timeout=60)
    stage.run(sys.executable, PEOPLE, stage.pool, "--lossless")
    reader = zoetrope.reader(stage.pool, lossless=True, timeout=60)
    seen = {frame.seq: frame.gray() for frame, _n in zip(reader, range(N_FRAMES))}
    posted = {}
    for result in results:
        assert result.worker == "people"
        height, width = seen[result.seq].shape
        posted[result.seq] = [
            tuple(round(n) for n in (mark.x * width, mark.y * height, mark.width * width,
                                     mark.height * height)) for mark in result.marks]
        assert all(mark.label == "person" and 0.5 <= mark.score <= 1 for mark in result.marks)
    assert len(posted) >= 2     # three results stand on a board: who looks late misses some
    assert any(posted.values())
    for seq, boxes in posted.items():       # its threads find them in any order
        expected = sorted(detect(seen[seq]))
        assert len(boxes) == len(expected)
        assert numpy.abs(numpy.subtract(sorted(boxes), expected)).max(initial=0) <= 1


def test_people_of_a_picture_that_lies_on_its_side_lie_in_it(stage, clip, tmp_path):
    movie = tmp_path / "turned.mov"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", clip, "-vf", "transpose=cclock", "-frames:v", "2",
                    "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p", movie], check=True)
    movie.write_bytes(with_matrix(movie.read_bytes(), (0, 1, -1, 0)))
    stage.lossless("--loop", source=str(movie))
    with zoetrope.results(stage.pool, timeout=60) as results:
        stage.run(sys.executable, PEOPLE, stage.pool, "--lossless")
        marks = results.next(60).marks
    # The detector's boxes are twice as high as they are wide; the picture is 576x768 as it lies.
    sizes = [(mark.width * 576, mark.height * 768) for mark in marks]
    assert sizes and all(width == pytest.approx(2 * height, rel=0.01) for width, height in sizes)


def test_a_picture_that_is_too_small_has_nobody_in_it(stage):
    stage.capture(source="test:64x64@30")
    with zoetrope.results(stage.pool, timeout=60) as results:
        worker = stage.run(sys.executable, PEOPLE, stage.pool, "--frames", "1")
        assert results.next(60).marks == ()
    assert worker.wait(60) == 0


def test_its_options_are_checked():
    for arguments, status, text in ((["--version"], 0, "zoe-people (zoetrope) "),
                                    (["--help"], 0, "example:"),
                                    (["--nonsense"], 2, "zoe-people: error: unrecognized arguments: --nonsense; see"),
                                    (["--follow", "x"], 2, "zoe-people: error: argument --follow: invalid choice"),
                                    (["--pool", "no/name"], 1, "zoe-people: error: 'no/name'"),
                                    (["no/name"], 1, "zoe-people: error: 'no/name'")):
        process = start(sys.executable, PEOPLE, *arguments, stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT)
        out = process.communicate(timeout=60)[0]
        assert process.returncode == status and text in out, out
