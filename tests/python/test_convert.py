# SPDX-License-Identifier: BSD-2-Clause
"""frame.bgr() is the textbook's conversion with the frame's matrix and range, and fills `out`."""

import types

import numpy
import pytest
from conftest import close, number_of

import zoetrope
from zoetrope import convert, formats

cv2 = pytest.importorskip("cv2", reason="python3-opencv is missing")


def frame_of(name, planes, width, height, **known):
    """What convert.py asks of a frame, without a pool."""
    known = {"range": None, "matrix": 2, "seq": 1, "pool": "none", **known}
    return types.SimpleNamespace(format=name, planes=planes, width=width, height=height, **known)


def textbook(y, u, v, red, blue, full, bits=8):
    """H.273, forwards from R'G'B' and then inverted: not how convert.py does it. As in OpenCV,
    luma below black is black."""
    green = 1 - red - blue
    forward = numpy.array([
        [red, green, blue],
        [-red / 2 / (1 - blue), -green / 2 / (1 - blue), 0.5],
        [0.5, -green / 2 / (1 - red), -blue / 2 / (1 - red)]])
    unit = 2 ** (bits - 8)
    top = 2 ** bits - 1
    black, luma, chroma = (0, top, top) if full else (16 * unit, 219 * unit, 224 * unit)
    grey = 128 * unit
    yuv = numpy.stack([(y - black).clip(0) / luma, (u - grey) / chroma, (v - grey) / chroma])
    rgb = numpy.einsum("ij,jhw->ihw", numpy.linalg.inv(forward), yuv)
    return numpy.rint(255 * rgb[::-1].transpose(1, 2, 0)).clip(0, 255).astype(numpy.uint8)


WEIGHTS = {2: (0.299, 0.114), 5: (0.299, 0.114), 1: (0.2126, 0.0722), 9: (0.2627, 0.0593)}


@pytest.mark.parametrize("range_", [None, "limited", "full"])
@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize("name, size", [
    ("yuv420p", (64, 32)), ("yuv420p", (63, 32)), ("nv12", (64, 32)), ("nv21", (62, 33)),
    ("yuv422p", (64, 32)), ("yuv410p", (61, 35)), ("yuv444p10le", (40, 30)),
    ("yuv420p10be", (33, 31)), ("yuyv422", (64, 32)), ("uyvy422", (63, 32))])
def test_matrix_and_range_are_the_frame_s(name, size, matrix, range_, either_way):
    width, height = size
    known = formats.describe(name)
    across, down = known.shrink
    columns, rows = -(-width // across), -(-height // down)
    random = numpy.random.default_rng(1)

    def noise(*shape):
        return random.integers(0, 1 << known.bits, shape).astype(known.dtype)

    y, u, v = noise(height, width), noise(rows, columns), noise(rows, columns)
    planes = [y, u, v]
    if known.kind == "nv":
        planes = [y, numpy.stack([u, v] if known.order == "uv" else [v, u], axis=2)]
    if known.kind == "yuyv":
        packed = numpy.zeros((height, columns * 2, 2), numpy.uint8)
        packed[:, :width, known.order.index("y")] = y
        chroma = packed[..., 1 - known.order.index("y")]
        chroma[:, 0::2], chroma[:, 1::2] = u, v
        planes = [packed]
    for plane in planes:
        plane.setflags(write=False)
    frame = frame_of(name, planes, width, height, matrix=matrix, range=range_)
    wide = [p.repeat(down, 0).repeat(across, 1)[:height, :width].astype(float) for p in (u, v)]
    expected = textbook(y.astype(float), *wide, *WEIGHTS[matrix], range_ == "full", known.bits)
    close(convert.bgr(frame, None), expected)


@pytest.mark.parametrize("range_, y, u, v", [
    ("full", (64, 128, 64, 255), (64, 255, 64, 128), (255, 128, 0, 128)),
    ("limited", (71, 126, 71, 235), (72, 240, 72, 128), (240, 128, 16, 128))])
def test_ycgco(range_, y, u, v, either_way):
    """Red, green, blue and white."""
    planes = [numpy.array([values], numpy.uint8) for values in (y, u, v)]
    expected = numpy.array([[[0, 0, 255], [0, 255, 0], [255, 0, 0], [255, 255, 255]]], numpy.uint8)
    close(convert.bgr(frame_of("yuv444p", planes, 4, 1, matrix=8, range=range_), None), expected, 2)
    wide = [plane.repeat(4, 1).repeat(4, 0) for plane in planes]
    nv12 = [wide[0], numpy.stack([wide[1][::2, ::2], wide[2][::2, ::2]], axis=2)]
    close(convert.bgr(frame_of("nv12", nv12, 16, 4, matrix=8, range=range_), None),
          expected.repeat(4, 1).repeat(4, 0), 2)


def test_gray_is_the_luma_as_it_is(stage):
    stage.lossless("--frames", "1")
    with zoetrope.reader(stage.pool, lossless=True, timeout=10) as reader:
        with reader.acquire(10) as frame:
            gray = frame.gray()
            assert (gray == frame.planes[0]).all() and gray.flags.owndata and gray.flags.writeable
    red = numpy.zeros((4, 4, 3), numpy.uint8)
    red[..., 0] = 200
    close(convert.gray(frame_of("rgb24", [red], 4, 4)), cv2.cvtColor(red, cv2.COLOR_RGB2GRAY))


def test_palette(either_way):
    palette = numpy.arange(1024, dtype=numpy.uint8).reshape(1, 256, 4)
    indices = numpy.array([[0, 1], [2, 255]], numpy.uint8)
    bgr = convert.bgr(frame_of("pal8", [indices, palette], 2, 2), None)
    assert (bgr == palette[0, indices, :3]).all()


def test_out_is_filled_and_a_wrong_one_is_refused(stage, either_way):
    stage.lossless("--frames", "1")
    with zoetrope.reader(stage.pool, lossless=True, timeout=10) as reader:
        with reader.acquire(10) as frame:
            out = numpy.zeros((240, 320, 3), numpy.uint8)
            assert frame.bgr(out) is out and (out == frame.bgr()).all() and out.any()
            for wrong in (numpy.zeros((240, 321, 3), numpy.uint8), numpy.zeros((240, 320, 3)),
                          numpy.zeros((240, 640, 3), numpy.uint8)[:, ::2]):
                with pytest.raises(ValueError, match=r"uint8\(240, 320, 3\)"):
                    frame.bgr(wrong)
            assert number_of(frame) == 0


def test_a_format_without_a_conversion_names_the_way_out(stage):
    stage.lossless("--pix-fmt", "monow", "--frames", "1")
    with zoetrope.reader(stage.pool, lossless=True, timeout=10) as reader:
        with reader.acquire(10) as frame:
            assert frame.planes[0].shape == (240, 40)
            for convert_it in (frame.bgr, frame.gray):
                with pytest.raises(zoetrope.UnknownFormat, match=f"{stage.pool}.*monow.*bgr24"):
                    convert_it()
