# SPDX-License-Identifier: BSD-2-Clause
"""python3 -m zoetrope: what arrives in a pool, a line a frame or a result."""

import argparse
import json
import sys
import time
from typing import Any, Dict, Iterator, NoReturn

from . import Frame, Mark, Reader, Result, Results, __version__
from .errors import printable
from .program import Parser, run, waiting

NAME = "python3 -m zoetrope"


def _parse() -> argparse.Namespace:
    parser = Parser(
        prog=NAME, formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Print what arrives in a pool, a line a frame, until the stream ends.",
        epilog="examples:\n  python3 -m zoetrope cam0 --frames 10\n"
               "  python3 -m zoetrope cam0 --results --json | jq .marks")
    parser.add_argument("pool", nargs="?", default="main", help="the pool (main)")
    parser.add_argument("--results", action="store_true",
                        help="what workers posted, instead of frames")
    parser.add_argument("--json", action="store_true", help="JSON Lines; of results those of zoe-events(1)")
    parser.add_argument("--frames", type=int, metavar="N", help="stop after N lines")
    parser.add_argument("--timeout", type=float, metavar="S",
                        help="fail after S seconds without a pool or a frame (wait for ever)")
    parser.add_follow()
    parser.add_argument("--owner", metavar="USER",
                        help="the pool may be this user's, too (any: anybody's)")
    parser.add_argument("--version", action="version", version=f"zoetrope {__version__}")
    arguments = parser.parse_args()
    if arguments.frames is not None and arguments.frames < 1:
        parser.error(f"--frames {arguments.frames}: expected 1 or more")
    return arguments


def _frame(frame: Frame) -> Dict[str, Any]:
    return {
        "event": "frame", "pool": frame.pool, "seq": frame.seq, "epoch": f"{frame.epoch:016x}",
        "width": frame.width, "height": frame.height, "format": frame.format or None,
        "pts": frame.pts, "time": frame.time, "skipped": frame.skipped,
        "age_ms": round(frame.age_ms, 3),
    }


def _mark(mark: Mark) -> Dict[str, Any]:
    """What was said of it. Seven digits are what its floats have."""
    members = {"kind": mark.kind, "x": float(f"{mark.x:.7g}"), "y": float(f"{mark.y:.7g}")}
    if mark.kind in ("box", "line"):
        members["width"] = float(f"{mark.width:.7g}")
        members["height"] = float(f"{mark.height:.7g}")
    if mark.label:
        members["label"] = mark.label
    if mark.score > 0:
        members["score"] = float(f"{mark.score:.7g}")
    if mark.id:
        members["id"] = mark.id
    return members


def _no_json(text: str) -> NoReturn:
    raise ValueError(text)


def _result(result: Result, pool: str) -> Dict[str, Any]:
    """As zoe-events(1) says it."""
    age_ns = time.monotonic_ns() - result.posted_ns
    line = {
        "event": "result", "pool": pool, "worker": result.worker, "seat": result.seat,
        "seq": result.seq, "epoch": f"{result.epoch:016x}", "number": result.number,
        "posted_ns": result.posted_ns,
        "posted_wall_ns": time.time_ns() - age_ns if age_ns >= 0 < result.posted_ns else None,
        "marks": [_mark(mark) for mark in result.marks],
    }
    if result.json:
        try:
            line["data"] = json.loads(result.json, parse_constant=_no_json)
        except (ValueError, RecursionError):
            line["text"] = result.json
    return line


def _frame_line(frame: Frame) -> str:
    at = "-" if frame.time is None else f"{frame.time:.3f}"
    return (f"{frame.seq} {frame.width}x{frame.height} {frame.format} time {at} "
            f"skipped {frame.skipped} age {frame.age_ms:.2f} ms")


def _result_line(result: Result) -> str:
    marks = ", ".join(
        f"{mark.kind} {mark.label} {mark.x:.3f} {mark.y:.3f} {mark.width:.3f} {mark.height:.3f}"
        for mark in result.marks)
    return f"{result.worker} {result.seq}: {marks or 'nothing'} {result.json}".rstrip()


def _lines(arguments: argparse.Namespace) -> Iterator[str]:
    options: Dict[str, Any] = {
        "timeout": arguments.timeout, "owner": arguments.owner, "follow": arguments.follow,
        "waiting": waiting(NAME, arguments.pool),
    }
    if arguments.results:
        for result in Results(arguments.pool, **options):
            yield (json.dumps(_result(result, arguments.pool)) if arguments.json
                   else _result_line(result))
    else:
        for frame in Reader(arguments.pool, label=NAME, **options):
            yield json.dumps(_frame(frame)) if arguments.json else _frame_line(frame)


def main() -> None:
    """Parse, open, run."""
    arguments = _parse()
    for number, line in enumerate(_lines(arguments), 1):
        print(line if arguments.json else printable(line), flush=True)
        if number == arguments.frames:
            break


if __name__ == "__main__":
    sys.exit(run(NAME, main))
