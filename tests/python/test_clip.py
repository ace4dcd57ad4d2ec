# SPDX-License-Identifier: BSD-2-Clause
"""frame.bgr() on a real clip: OpenCV's conversion to one level, FFmpeg's picture in any format."""

import numpy
import pytest
from conftest import Stage, close

import zoetrope

cv2 = pytest.importorskip("cv2", reason="python3-opencv is missing")

N_FRAMES = 4


def by_opencv(frame):
    """What a program would do with the bytes of this frame."""
    planes = [numpy.ascontiguousarray(plane) for plane in frame.planes]
    if frame.format in ("yuv420p", "nv12", "nv21"):
        joined = numpy.concatenate([plane.ravel() for plane in planes])
        code = {"yuv420p": cv2.COLOR_YUV2BGR_I420, "nv12": cv2.COLOR_YUV2BGR_NV12,
                "nv21": cv2.COLOR_YUV2BGR_NV21}[frame.format]
        return cv2.cvtColor(joined.reshape(frame.height * 3 // 2, frame.width), code)
    code = {"gray": cv2.COLOR_GRAY2BGR, "rgb24": cv2.COLOR_RGB2BGR, "bgra": cv2.COLOR_BGRA2BGR,
            "rgba": cv2.COLOR_RGBA2BGR, "yuyv422": cv2.COLOR_YUV2BGR_YUYV,
            "uyvy422": cv2.COLOR_YUV2BGR_UYVY, "bgr24": None}[frame.format]
    return planes[0] if code is None else cv2.cvtColor(planes[0], code)


OPENCV_S = ["yuv420p", "nv12", "nv21", "gray", "rgb24", "bgr24", "bgra", "rgba", "yuyv422",
            "uyvy422"]


@pytest.mark.parametrize("name", OPENCV_S)
def test_bgr_is_opencv_s_on_a_clip(stage, clip, name, either_way):
    stage.lossless("--pix-fmt", name, "--frames", str(N_FRAMES), source=clip)
    seen = 0
    for frame in zoetrope.reader(stage.pool, lossless=True, timeout=20):
        assert frame.format == name
        bgr = frame.bgr()
        close(bgr, by_opencv(frame))
        assert bgr.flags.owndata and bgr.flags.writeable and bgr.std() > 20
        seen += 1
    assert seen == N_FRAMES


# Everything else, against what FFmpeg makes of it. Its chroma is interpolated, ours is not.
FFMPEG_S = [
    "yuv422p", "yuv444p", "yuv440p", "yuv411p", "yuv410p", "yuvj420p", "yuv420p10le",
    "yuv422p12be", "yuv444p16le", "yuva420p", "nv24", "p010le", "p016be", "yvyu422", "gbrp",
    "gbrp10le", "gbrap", "rgb48le", "bgr48be", "rgba64le", "argb", "0rgb", "bgr0", "gray10le",
    "gray16be", "ya8"]



def first_bgr(stage, clip, name):
    """The first picture, converted by FFmpeg to a pixel format and then by us."""
    stage.lossless("--pix-fmt", name, "--frames", "1", source=clip)
    with zoetrope.reader(stage.pool, lossless=True, timeout=20) as reader:
        with reader.acquire(20) as frame:
            assert frame.format == name
            return frame.bgr().astype(int)


@pytest.fixture(scope="module")
def ffmpeg_s(clip):
    """What FFmpeg makes of it."""
    pictures = {}
    for name in ("bgr24", "gray"):
        stage = Stage()
        pictures[name] = first_bgr(stage, clip, name)
        stage.finish()
    return pictures


@pytest.mark.parametrize("name", FFMPEG_S)
def test_bgr_is_the_picture_in_every_format(stage, clip, ffmpeg_s, name, either_way):
    gray = "gray" in name or name == "ya8"
    difference = numpy.abs(first_bgr(stage, clip, name) - ffmpeg_s["gray" if gray else "bgr24"])
    assert difference.mean() < (0.6 if gray else 3), difference.mean()
