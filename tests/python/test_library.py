# SPDX-License-Identifier: BSD-2-Clause
"""The library as ctypes sees it, and what errors say."""

import ctypes
import errno
import shutil
import subprocess
import sys

import pytest
from conftest import PACKAGE, ROOT, start

import zoetrope
from zoetrope import _library
from zoetrope.lease import Seat


def test_records_are_as_the_c_compiler_lays_them_out(tmp_path):
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("no C compiler")
    lines = []
    for record in _library.SIZES:
        lines.append(f'printf("%zu ", sizeof({record.__doc__}));')
        lines += [f'printf("%zu ", offsetof({record.__doc__}, {name}));'
                  for name, _type in record._fields_]
    (tmp_path / "sizes.c").write_text(
        "#include <stddef.h>\n#include <stdio.h>\n#include <zoetrope/zoetrope.h>\n"
        "int main(void) {" + "\n".join(lines) + "}\n")
    subprocess.run([compiler, "-I", ROOT / "common" / "include", tmp_path / "sizes.c", "-o",
                    tmp_path / "sizes"], check=True)
    theirs = subprocess.run([tmp_path / "sizes"], check=True, capture_output=True, text=True)
    ours = []
    for record, size in _library.SIZES.items():
        ours += [size] + [getattr(record, name).offset for name, _type in record._fields_]
    assert [int(number) for number in theirs.stdout.split()] == ours


def test_options_of_a_newer_release_are_served_unless_they_ask_for_something_new(stage):
    class Newer(_library.ReaderOptions):
        _fields_ = [("newest", ctypes.c_uint64)]

    stage.capture()
    zoetrope.reader(stage.pool, timeout=10).close()     # it is there
    seat = Seat(stage.pool)
    assert seat.attach(Newer(newest=1), _library.POLL) == -errno.E2BIG
    assert f"of {ctypes.sizeof(Newer)} bytes sets byte 64" in _library.lib.zoe_error().decode()
    assert seat.attach(Newer(), _library.POLL) == 0


def test_version_is_the_library_s():
    assert _library.lib.zoe_version().decode() == zoetrope.__version__


def test_a_missing_library_is_an_import_error_that_says_what_to_do():
    done = start(sys.executable, "-c", "import zoetrope", stderr=subprocess.PIPE, env={
        "PYTHONPATH": str(PACKAGE), "ZOETROPE_LIBRARY": "/nowhere/libzoetrope.so"})
    text = done.communicate(timeout=60)[1]
    assert done.returncode == 1
    assert "ImportError: libzoetrope is not found" in text
    assert "/nowhere/libzoetrope.so" in text and "ZOETROPE_LIBRARY" in text


def test_no_pool_is_said_with_its_name():
    with pytest.raises(zoetrope.NoPool) as caught:
        zoetrope.reader("nobody-writes-this", timeout=0.2)
    assert "nobody-writes-this" in str(caught.value)
    assert (caught.value.errno, caught.value.pool) == (errno.ENOENT, "nobody-writes-this")
    assert isinstance(caught.value, FileNotFoundError)
    with pytest.raises(zoetrope.NoPool, match="nobody-writes-this"):
        zoetrope.results("nobody-writes-this", timeout=0)


def test_a_bad_name_and_a_bad_option_are_value_errors():
    with pytest.raises(ValueError, match="no/name"):
        zoetrope.reader("no/name")
    with pytest.raises(ValueError, match="queue=-1"):
        zoetrope.reader("main", queue=-1)
    with pytest.raises(zoetrope.Invalid, match="main.*64"):
        zoetrope.reader("main", hold=65)


def test_lossless_on_a_pool_that_is_not_names_the_way_out(stage):
    stage.capture()
    with pytest.raises(zoetrope.Error, match=f"{stage.pool}.*--lossless") as caught:
        zoetrope.reader(stage.pool, lossless=True, timeout=10)
    assert caught.value.errno == errno.EOPNOTSUPP
    with pytest.raises(zoetrope.Error, match=f"{stage.pool}.*slots"):
        stage.finish()
        stage.capture("--slots", "8")
        zoetrope.reader(stage.pool, hold=60, timeout=10)


def test_a_closed_reader_says_so(stage):
    stage.capture()
    reader = zoetrope.reader(stage.pool, timeout=10)
    reader.close()
    reader.close()
    with pytest.raises(zoetrope.Error, match=f"{stage.pool}.*closed"):
        reader.acquire()
