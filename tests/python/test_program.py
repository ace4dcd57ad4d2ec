# SPDX-License-Identifier: BSD-2-Clause
"""Programs around a pool: output that cannot be written, names of any bytes, objects of which there is one."""

import copy
import json
import os
import pickle
import subprocess
import sys

import pytest
from conftest import start

import zoetrope

MODULE = (sys.executable, "-m", "zoetrope")


def finished(*command, **options):
    process = start(*command, stderr=subprocess.PIPE, **options)
    return process.wait(60), process.communicate()[1].splitlines()


def there(stage):
    stage.capture()
    zoetrope.results(stage.pool, timeout=60).close()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["POOL"], ["POOL", "--json"]])
def test_output_that_cannot_be_written_is_one_line(stage, arguments):
    there(stage)
    arguments = [stage.pool if word == "POOL" else word for word in arguments]
    with open("/dev/full", "w", encoding="utf-8") as full:
        status, lines = finished(*MODULE, *arguments, stdout=full)
    expected = "python3 -m zoetrope: error: cannot write to stdout: "
    assert (status, lines) == (1, [expected + "No space left on device"])
    status, lines = finished("sh", "-c", 'exec "$@" >&-', "sh", *MODULE, *arguments)
    assert (status, lines) == (1, [expected + "Bad file descriptor"])


def test_who_reads_may_have_enough(stage):
    there(stage)
    command = 'set -o pipefail; "$@" | head -n 1 >/dev/null'
    assert finished("bash", "-c", command, "bash", *MODULE, stage.pool) == (0, [])


def test_names_and_labels_may_be_any_bytes(stage, tmp_path):
    stage.capture()
    program = os.fsencode(tmp_path) + b"/caf\xe9.py"
    with open(program, "w", encoding="utf-8") as file:
        file.write("import sys, zoetrope\n"
                   "with zoetrope.reader(sys.argv[1], timeout=60) as reader:\n"
                   "    frame = reader.acquire(60)\n"
                   "    assert frame.post(texts=[(0, 0, sys.argv[0][-6:-3]), (0, 0, 'a\\0b')],\n"
                   "                      json={'file': sys.argv[0][-6:]})\n"
                   "    input()\n")
    with zoetrope.results(stage.pool, timeout=60) as results:
        worker = stage.run(sys.executable, program, stage.pool, stdin=subprocess.PIPE)
        result = results.next(60)
        worker.communicate("\n")
    assert result.worker == "caf\ufffd"
    assert [mark.label for mark in result.marks] == ["af\ufffd", "a\ufffdb"]
    assert result.data == {"file": "af?.py"}
    assert worker.returncode == 0


def test_a_name_is_not_cut(stage):
    stage.capture()
    for name in (stage.pool + "\0x", "caf\udce9", "\ud800"):
        for opened in (zoetrope.reader, zoetrope.results):
            with pytest.raises(zoetrope.Invalid):
                opened(name, timeout=0)


def test_nothing_is_copied_and_nothing_half_made_complains(stage, capfd):
    stage.capture()
    with zoetrope.reader(stage.pool, timeout=60) as reader:
        frame = reader.acquire(60)
        results, capture = zoetrope.results(stage.pool), zoetrope.VideoCapture(stage.pool)
        for one in (frame, reader, results, capture):
            for way in (copy.copy, copy.deepcopy, pickle.dumps):
                with pytest.raises(TypeError, match="cannot be copied"):
                    way(one)
        capture.release()
        del frame, results
    with pytest.raises(TypeError):
        zoetrope.results("a", nonsense=1)
    assert capfd.readouterr().err == ""


def test_results_are_printed_as_zoe_events_prints_them(stage, tmp_path):
    stage.capture()
    names = ("event", "pool", "worker", "seat", "seq", "epoch", "number", "posted_ns", "marks",
             "data", "text")
    # zoe-events sees those that the other sees, before and after: whichever comes first, they overlap.
    with open(tmp_path / "events", "w+", encoding="utf-8") as events, \
            zoetrope.reader(stage.pool, label="caf\udce9", hold=2, timeout=60) as reader:
        theirs_run = stage.run("zoe-events", stage.pool, stdout=events)
        ours_run = stage.run(*MODULE, stage.pool, "--results", "--json", "--frames", "40",
                             stdout=subprocess.PIPE)
        while ours_run.poll() is None or os.fstat(events.fileno()).st_size == 0:
            frame = reader.acquire(60)
            frame.post(boxes=[(0.1, 0.2, 0.3, 0.4, "p", 0.93, 7), (0, 0, 1, 1)], points=[(0.5, 1)],
                       json=({"a": [1.5, None]}, "", "NaN", "no {")[frame.seq % 4])
            frame.release()
        theirs_run.terminate()
        assert theirs_run.wait(60) == 0
        events.seek(0)
        by_number = [{line["number"]: line for line in map(json.loads, lines)}
                     for lines in (events, ours_run.stdout)]
    both = set(by_number[0]) & set(by_number[1])
    assert len(both) >= 4
    for number in both:
        ours, theirs = by_number[1][number], by_number[0][number]
        assert list(ours) == list(theirs)
        assert [ours.get(name) for name in names] == [theirs.get(name) for name in names]
        assert abs(ours["posted_wall_ns"] - theirs["posted_wall_ns"]) < 1e9


def test_what_is_waited_for_is_said(stage):
    program = stage.run(*MODULE, stage.pool, "--frames", "1", stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE)
    assert stage.pool in program.stderr.readline()
    stage.capture()
    assert program.stderr.readline() == f"python3 -m zoetrope: pool '{stage.pool}' is there\n"
    assert program.wait(60) == 0
