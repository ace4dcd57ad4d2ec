# SPDX-License-Identifier: BSD-2-Clause
"""Pictures that lie mirrored or turned in their file: upright as ffmpeg has them, and marks on them."""

import subprocess

import numpy
import pytest
from conftest import with_matrix

import zoetrope

# rotation, mirrored, and the matrix that says so
WAYS = [(0, False, (1, 0, 0, 1)), (90, False, (0, 1, -1, 0)), (180, False, (-1, 0, 0, -1)),
        (270, False, (0, -1, 1, 0)), (0, True, (-1, 0, 0, 1)), (90, True, (0, -1, -1, 0)),
        (180, True, (1, 0, 0, -1)), (270, True, (0, 1, 1, 0))]


@pytest.fixture(scope="module")
def flat(tmp_path_factory):
    path = tmp_path_factory.mktemp("flat") / "flat.mov"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i",
                    "testsrc2=s=96x64:r=25,format=rgb24", "-frames:v", "2", "-c:v", "png", path], check=True)
    return path.read_bytes()


def shown_by_ffmpeg(clip):
    return subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", clip, "-frames:v", "1", "-f",
                           "rawvideo", "-pix_fmt", "bgr24", "-"], check=True, capture_output=True).stdout


@pytest.mark.parametrize("rotation, mirrored, matrix", WAYS)
def test_upright_is_as_ffmpeg_shows_it(stage, tmp_path, flat, rotation, mirrored, matrix):
    clip = tmp_path / "clip.mov"
    clip.write_bytes(with_matrix(flat, matrix))
    shape = (96, 64, 3) if rotation % 180 else (64, 96, 3)
    wanted = numpy.frombuffer(shown_by_ffmpeg(clip), numpy.uint8).reshape(shape)
    stage.lossless(source=str(clip), readers=2)
    video = zoetrope.VideoCapture(stage.pool, lossless=True, timeout=10)
    with zoetrope.reader(stage.pool, lossless=True, timeout=10) as reader:
        frame = reader.acquire(10)
        assert (frame.rotation, frame.mirrored) == (rotation, mirrored)
        lying = frame.bgr()
        upright = frame.upright(lying)
        assert numpy.array_equal(upright, wanted) and numpy.shares_memory(upright, lying)
        assert numpy.array_equal(frame.upright(frame.planes[0])[..., ::-1], wanted)
        assert (video.get(3), video.get(4), video.get(48), video.get(49)) == (
            shape[1], shape[0], rotation, 1)
        image = numpy.zeros(shape, numpy.uint8)
        assert video.read(image)[1] is image and numpy.array_equal(image, wanted)
        picture = video.retrieve()[1]
        assert numpy.array_equal(picture, wanted) and picture.flags.c_contiguous and picture.flags.owndata
        assert video.set(49, 0) is True
        assert (video.get(3), video.get(4), video.get(48), video.get(49)) == (96, 64, rotation, 0)
        assert numpy.array_equal(video.retrieve()[1], lying)
        reader.close()
        video.release()


@pytest.mark.parametrize("rotation, mirrored, matrix", WAYS)
def test_a_mark_on_the_upright_picture_lies_on_the_same_pixels(stage, tmp_path, flat, rotation, mirrored, matrix):
    clip = tmp_path / "clip.mov"
    clip.write_bytes(with_matrix(flat, matrix))
    stage.lossless("--loop", source=str(clip))
    with zoetrope.reader(stage.pool, lossless=True, timeout=10) as reader:
        frame = reader.acquire(10)
        lying = frame.bgr()
        upright = frame.upright(lying)
        rows, columns = upright.shape[:2]
        with zoetrope.results(stage.pool, timeout=10) as results:
            frame.post(boxes=[(8, 16, 24, 32)], points=[(8, 16)], lines=[(8, 16, columns, rows)],
                       pixels=True, upright=True)
            frame.post(boxes=[(8 / columns, 16 / rows, 24 / columns, 32 / rows)], upright=True)
            box, point, line = results.next(10).marks
            same = results.next(10).marks[0]
        assert (box.x, box.y, box.width, box.height) == pytest.approx(
            (same.x, same.y, same.width, same.height), abs=1e-6)
        x, y, width, height = (round(value) for value in (
            box.x * 96, box.y * 64, box.width * 96, box.height * 64))
        assert numpy.array_equal(frame.upright(lying[y:y + height, x:x + width]), upright[16:48, 8:32])
        assert point.x in (pytest.approx(box.x, abs=1e-6), pytest.approx(box.x + box.width, abs=1e-6))
        assert point.y in (pytest.approx(box.y, abs=1e-6), pytest.approx(box.y + box.height, abs=1e-6))
        # From that corner away from the box: to where the upright picture has its lower right corner.
        numbered = numpy.arange(64 * 96).reshape(64, 96)
        far_y, far_x = divmod(int(frame.upright(numbered)[-1, -1]), 96)
        assert (line.x, line.y) == pytest.approx((point.x, point.y), abs=1e-6)
        assert (line.x + line.width, line.y + line.height) == pytest.approx(
            (float(far_x > 0), float(far_y > 0)), abs=1e-6)
