#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The same Python workers on one H.264 stream: each with a cv2.VideoCapture of its own, and all
through zoetrope. What they cost together, and how old their pictures are.

Each worker measures motion at a quarter of the size. The stream is a file, read at 30
frames a second; a cv2.VideoCapture decodes ahead of time, as zoe-capture does, and takes each
picture when it is due, so what counts as age is lateness: from when a frame was due until the
worker has its pixels. CPU is that of the workers, from their first frame on, and of zoe-capture.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "common" / "python"))
FPS = 30
WAYS = {
    "opencv": "cv2.VideoCapture each",
    "same": "zoetrope.VideoCapture, the same program",
    "planes": "zoetrope.reader, the luma in place",
}


def pictures_of_video(video, in_real_time):
    """(presentation time, when it was there, the picture), for either kind of VideoCapture."""
    begin = None
    while video.grab():
        pts = video.get(0) / 1000
        begin = time.monotonic() - pts if begin is None else begin
        if in_real_time:
            time.sleep(max(0, begin + pts - time.monotonic()))
        there = time.monotonic()
        yield pts, there, video.retrieve()[1]


def pictures_of_reader(reader):
    """The same, of a reader."""
    for frame in reader:
        there = time.monotonic()
        yield frame.time, there, frame.planes[0]


def work(way, source):
    """A worker: print its figures."""
    import cv2

    import zoetrope
    cv2.setNumThreads(1)
    if way == "opencv":
        pictures = pictures_of_video(cv2.VideoCapture(source), True)
    elif way == "same":
        pictures = pictures_of_video(zoetrope.VideoCapture(source), False)
    else:
        pictures = pictures_of_reader(zoetrope.reader(source))
    times, before, began, motion = [], None, None, 0.0
    for pts, there, picture in pictures:
        times.append((pts, there, time.monotonic()))
        began = time.process_time() if began is None else began
        small = cv2.resize(picture, (picture.shape[1] // 4, picture.shape[0] // 4))
        if small.ndim == 3:
            small = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        if before is not None:
            motion += cv2.absdiff(small, before).mean()
        before = small
    schedule = min(there - pts for pts, there, _have in times)
    print(json.dumps({
        "cpu_s": time.process_time() - began, "motion": motion / len(times),
        "ages_ms": [1000 * (have - pts - schedule) for pts, _there, have in times]}))


def run(way, clip, options):
    """One run of all workers."""
    pool = f"bench{os.getpid()}"
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1",
                       ZOETROPE_LIBRARY=f"{options.build}/common/libzoetrope.so")
    capture = None
    if way != "opencv":
        capture = subprocess.Popen([
            f"{options.build}/capture/zoe-capture", "-q", "-n", pool, "--wait-readers",
            str(options.workers), clip])
    worker = [sys.executable, __file__, "--worker", way, clip if way == "opencv" else pool]
    workers = [subprocess.Popen(worker, stdout=subprocess.PIPE, text=True, env=environment)
               for _n in range(options.workers)]
    figures = [json.loads(process.communicate()[0]) for process in workers]
    cpu_s = sum(figure["cpu_s"] for figure in figures)
    if capture:
        _pid, status, usage = os.wait4(capture.pid, 0)
        capture.returncode = os.waitstatus_to_exitcode(status)
        cpu_s += usage.ru_utime + usage.ru_stime
    ages = sorted(age for figure in figures for age in figure["ages_ms"])
    return {"cpu": 100 * cpu_s / options.seconds, "p50": ages[len(ages) // 2],
            "p99": ages[len(ages) * 99 // 100],
            "seen": 100 * len(ages) / options.workers / options.seconds / FPS}


def make_clip(path, options):
    """H.264 with B-frames, from a real clip if there is one."""
    street = pathlib.Path(os.environ.get("ZOE_TEST_MEDIA", "")) / "street-1280x720.264"
    source = ["-stream_loop", "-1", "-r", str(FPS), "-i", str(street)]
    if not street.is_file():
        source = ["-f", "lavfi", "-i", f"testsrc2=size={options.size}:rate={FPS}"]
    width, height = options.size.split("x")
    subprocess.run([
        "ffmpeg", "-v", "error", "-y", *source, "-t", str(options.seconds),
        "-vf", f"scale={width}:{height}", "-r", str(FPS), "-pix_fmt", "yuv420p",
        "-c:v", "libx264", "-preset", "veryfast", "-bf", "2", str(path)], check=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=4, help="how many (4)")
    parser.add_argument("--seconds", type=int, default=10, help="of stream in each run (10)")
    parser.add_argument("--runs", type=int, default=3, help="of each way, in turn (3)")
    parser.add_argument("--size", default="1920x1080", help="of the picture (1920x1080)")
    parser.add_argument("--build", default=str(ROOT / ".build" / "release"),
                        help="the build folder (.build/release)")
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = parse()
    if options.worker:
        work(*options.worker)
        return 0
    try:
        import cv2      # noqa: F401
    except ImportError:
        print("SKIPPED: python3-opencv is missing")
        return 77
    runs = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        clip = f"{folder}/clip.mp4"
        make_clip(clip, options)
        for _turn in range(options.runs):
            for way in WAYS:
                runs[way].append(run(way, clip, options))
    print(f"{options.workers} workers, {options.size} H.264 at {FPS} fps, {options.seconds} s, "
          f"medians of {options.runs} runs in turn")
    print(f"{'':42}{'CPU of a core':>14}{'age p50':>11}{'p99':>11}{'seen':>8}")
    for way, title in WAYS.items():
        cpu, p50, p99, seen = (statistics.median(one[key] for one in runs[way])
                               for key in ("cpu", "p50", "p99", "seen"))
        print(f"{title:42}{cpu:12.0f} %{p50:8.1f} ms{p99:8.1f} ms{seen:6.0f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
