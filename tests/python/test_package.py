# SPDX-License-Identifier: BSD-2-Clause
"""python3 -m zoetrope, the wheel, and a life without numpy."""

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from conftest import PACKAGE, start

import zoetrope


def command(stage, *arguments):
    return stage.run(sys.executable, "-m", "zoetrope", *arguments,
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_line_a_frame(stage):
    stage.capture("--wait-readers", "1", "--frames", "30")
    out, err = command(stage, stage.pool).communicate(timeout=60)
    assert err == "" and "320x240 yuv420p time " in out.splitlines()[0]
    stage.capture()
    out, err = command(stage, stage.pool, "--frames", "3", "--json").communicate(timeout=60)
    frames = [json.loads(line) for line in out.splitlines()]
    assert len(frames) == 3 and frames[2]["seq"] > frames[0]["seq"]
    assert frames[0]["pool"] == stage.pool and frames[0]["width"] == 320 and frames[0]["age_ms"] > 0


def test_a_line_a_result(stage):
    stage.capture()
    lines = command(stage, stage.pool, "--results", "--frames", "2")
    as_json = command(stage, stage.pool, "--results", "--json", "--frames", "1")
    with zoetrope.reader(stage.pool, label="tester", timeout=10) as reader:
        for frame in reader:
            frame.post(boxes=[(0.1, 0.2, 0.3, 0.4, "thing")], json={"a": 1})
            if lines.poll() is not None and as_json.poll() is not None:
                break
    assert 'box thing 0.100 0.200 0.300 0.400 {"a":1}' in lines.communicate()[0]
    result = json.loads(as_json.communicate()[0])
    assert result["worker"] == "tester" and result["marks"][0]["label"] == "thing"


def test_help_has_examples(stage):
    out, _err = command(stage, "--help").communicate(timeout=60)
    assert "examples:" in out and "--results" in out


def test_its_errors_are_one_line_and_an_exit_status(stage):
    for arguments, status, text in (
            (("nobody-writes-this", "--timeout", "0.1"), 1, "nobody-writes-this"),
            (("--follow", "sometimes"), 2, "--follow"), (("--nonsense",), 2, "--nonsense"), (("--frames", "0"), 2, "--frames 0")):
        process = command(stage, *arguments)
        out, err = process.communicate(timeout=60)
        assert process.returncode == status and out == "" and text in err
        assert err.count("\n") == 1 and err.startswith("python3 -m zoetrope: error: ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_cleanly(stage, number):
    stage.capture()
    zoetrope.results(stage.pool, timeout=60).close()
    process = command(stage, stage.pool)
    process.stdout.readline()
    process.send_signal(number)
    assert process.communicate(timeout=30)[1] == "" and process.returncode == 0


def test_a_closed_pipe_ends_it_cleanly(stage):
    stage.capture()
    zoetrope.results(stage.pool, timeout=60).close()
    process = command(stage, stage.pool)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(30) == 0 and process.stderr.read() == ""


def test_without_numpy_there_are_bytes_and_a_clear_error(stage):
    stage.lossless("--frames", "1")
    worker = stage.worker("""
import sys
sys.modules["numpy"] = None
import zoetrope
with zoetrope.reader(sys.argv[1], lossless=True, timeout=20) as reader, reader.acquire(20) as frame:
    print(len(frame.memory(0)) >= 320 * 239 + 320)
    try:
        frame.planes
    except ImportError as error:
        print("numpy" in str(error))
""")
    assert worker.communicate(timeout=60) == ("True\nTrue\n", "")


def test_a_wheel_is_built_offline_and_imports_from_where_it_is_put(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "source",
                    ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--version"], capture_output=True).returncode:
        pytest.skip("python3-pip is missing")
    subprocess.run([*pip, "wheel", "-q", "--no-build-isolation", "--no-deps", "--no-index",
                    "-w", tmp_path, tmp_path / "source"], check=True)
    wheels = list(tmp_path.glob("*.whl"))
    assert [wheel.name for wheel in wheels] == [f"zoetrope-{zoetrope.__version__}-py3-none-any.whl"]
    subprocess.run([*pip, "install", "-q", "--no-deps", "--no-index",
                    "--target", tmp_path / "here", wheels[0]], check=True)
    process = start(sys.executable, "-c", "import zoetrope; print(zoetrope.__file__)", cwd=tmp_path,
                    stdout=subprocess.PIPE, env=dict(os.environ, PYTHONPATH=str(tmp_path / "here")))
    assert process.communicate(timeout=60)[0].startswith(str(tmp_path / "here"))
    assert process.returncode == 0
    assert (tmp_path / "here" / "zoetrope" / "py.typed").is_file()
    left = {path.name for path in (tmp_path / "source").iterdir()} - {"__pycache__"}
    assert left == {path.name for path in PACKAGE.iterdir()} - {"__pycache__", "build"}
