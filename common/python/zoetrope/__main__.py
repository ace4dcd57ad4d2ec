# SPDX-License-Identifier: BSD-2-Clause
"""python3 -m zoetrope: what arrives in a pool, a line a frame or a result."""

import argparse
import json
import sys
from typing import Any, Dict, Iterator, NoReturn

from . import Frame, Reader, Result, Results, __version__
from .program import run


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}; see {self.prog} --help\n")


def _parse() -> argparse.Namespace:
    parser = _Parser(
        prog="python3 -m zoetrope", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Print what arrives in a pool, a line a frame, until the stream ends.",
        epilog="examples:\n  python3 -m zoetrope cam0 --frames 10\n"
               "  python3 -m zoetrope cam0 --results --json | jq .marks")
    parser.add_argument("pool", nargs="?", default="main", help="the pool (main)")
    parser.add_argument("--results", action="store_true",
                        help="what workers posted, instead of frames")
    parser.add_argument("--json", action="store_true", help="JSON Lines")
    parser.add_argument("--frames", type=int, metavar="N", help="stop after N lines")
    parser.add_argument("--timeout", type=float, metavar="S",
                        help="fail after S seconds without a pool or a frame (wait for ever)")
    parser.add_argument("--owner", metavar="USER",
                        help="the pool may be this user's, too (any: anybody's)")
    parser.add_argument("--version", action="version", version=f"zoetrope {__version__}")
    arguments = parser.parse_args()
    if arguments.frames is not None and arguments.frames < 1:
        parser.error(f"--frames {arguments.frames}: expected 1 or more")
    return arguments


def _frame(frame: Frame) -> Dict[str, Any]:
    return {
        "pool": frame.pool, "seq": frame.seq, "width": frame.width, "height": frame.height,
        "format": frame.format, "pts": frame.pts, "time": frame.time, "skipped": frame.skipped,
        "age_ms": round(frame.age_ms, 3),
    }


def _result(result: Result) -> Dict[str, Any]:
    return {
        "worker": result.worker, "seat": result.seat, "seq": result.seq, "number": result.number,
        "marks": [mark._asdict() for mark in result.marks], "json": result.json,
    }


def _frame_line(frame: Frame) -> str:
    time = "-" if frame.time is None else f"{frame.time:.3f}"
    return (f"{frame.seq} {frame.width}x{frame.height} {frame.format} time {time} "
            f"skipped {frame.skipped} age {frame.age_ms:.2f} ms")


def _result_line(result: Result) -> str:
    marks = ", ".join(
        f"{mark.kind} {mark.label} {mark.x:.3f} {mark.y:.3f} {mark.width:.3f} {mark.height:.3f}"
        for mark in result.marks)
    return f"{result.worker} {result.seq}: {marks or 'nothing'} {result.json}".rstrip()


def _lines(arguments: argparse.Namespace) -> Iterator[str]:
    if arguments.results:
        for result in Results(arguments.pool, timeout=arguments.timeout,
                              owner=arguments.owner):
            yield json.dumps(_result(result)) if arguments.json else _result_line(result)
    else:
        for frame in Reader(arguments.pool, timeout=arguments.timeout, owner=arguments.owner,
                            label="python3 -m zoetrope"):
            yield json.dumps(_frame(frame)) if arguments.json else _frame_line(frame)


def main() -> None:
    """Parse, open, run."""
    arguments = _parse()
    for number, line in enumerate(_lines(arguments), 1):
        print(line, flush=True)
        if number == arguments.frames:
            break


if __name__ == "__main__":
    sys.exit(run("python3 -m zoetrope", main))
