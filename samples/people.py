#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Where are people in the picture? A worker on OpenCV's built-in HOG detector: no model file."""

import argparse
import sys

import zoetrope
import zoetrope.program

try:
    import cv2
    import numpy
except ImportError as error:
    sys.exit(f"zoe-people: error: {error} (Debian: python3-opencv)")


def parse() -> argparse.Namespace:
    parser = zoetrope.program.Parser(
        prog="zoe-people", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Find people in the frames of a pool and post a box around each.",
        epilog="example:\n  zoe-people cam0 & zoe-display --match people cam0")
    parser.add_argument("pool", nargs="?", default="main", help="the pool (main)")
    parser.add_argument("--pool", dest="named", help=argparse.SUPPRESS)
    parser.add_argument("--score", type=float, default=0.5, metavar="S",
                        help="post what is at least so sure, 0 to 1 (0.5)")
    parser.add_argument("--width", type=int, metavar="PX",
                        help="look at a picture of so many columns: faster (as it is)")
    parser.add_argument("--group", metavar="NAME", help="share the frames with this group's readers")
    parser.add_follow()
    parser.add_argument("--owner", metavar="USER",
                        help="the pool may be this user's, too (any: anybody's)")
    parser.add_argument("--lossless", action="store_true", help="every frame; capture waits for it")
    parser.add_argument("--frames", type=int, metavar="N", help="stop after N frames")
    parser.add_argument("--print", action="store_true", help="print what is found, a line a frame")
    parser.add_argument("--version", action="version",
                        version=f"zoe-people (zoetrope) {zoetrope.__version__}")
    return parser.parse_args()


def main() -> None:
    options = parse()
    hog = cv2.HOGDescriptor()
    hog.setSVMDetector(cv2.HOGDescriptor_getDefaultPeopleDetector())

    pool = options.named or options.pool
    reader = zoetrope.reader(
        pool, label="people", group=options.group, lossless=options.lossless,
        owner=options.owner, follow=options.follow,
        waiting=zoetrope.program.waiting("zoe-people", pool))
    for number, frame in enumerate(reader, 1):
        picture = numpy.ascontiguousarray(frame.upright(frame.gray()))
        scale = min(1.0, options.width / picture.shape[1]) if options.width else 1.0
        if scale < 1:
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found = scores = ()
        if picture.shape[1] >= hog.winSize[0] and picture.shape[0] >= hog.winSize[1]:
            found, scores = hog.detectMultiScale(picture, winStride=(8, 8), scale=1.05)
        people = [(x / scale, y / scale, width / scale, height / scale, "person", min(1.0, score))
                  for (x, y, width, height), score in zip(found, scores) if score >= options.score]
        frame.post(boxes=people, pixels=True, upright=True)
        if options.print:
            print(frame.seq, *(f"{x:.0f},{y:.0f},{w:.0f},{h:.0f}:{score:.2f}"
                               for x, y, w, h, _label, score in people), flush=True)
        if number == options.frames:
            break


if __name__ == "__main__":
    sys.exit(zoetrope.program.run("zoe-people", main))
