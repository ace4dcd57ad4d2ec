# SPDX-License-Identifier: BSD-2-Clause
"""Run pytest on one file. Where everything in it is skipped, or pytest is missing, exit with 77 and
say so. Usage: run.py FILE"""

import pathlib
import sys

sys.dont_write_bytecode = True
try:
    import numpy    # noqa: F401
    import pytest
except ImportError as error:
    print(f"SKIPPED: {error} (python3-pytest, python3-numpy)")
    sys.exit(77)


class Count:
    """How many tests had which outcome."""
    passed = skipped = 0

    def pytest_runtest_logreport(self, report):
        self.passed += report.passed and report.when == "call"
        self.skipped += report.skipped

    def pytest_collectreport(self, report):
        self.skipped += report.skipped


root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "common" / "python"))
count = Count()
status = pytest.main(["-q", "-rs", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[count])
nothing = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
if count.skipped and not count.passed and status in nothing:
    print("SKIPPED: see above")
    status = 77
sys.exit(status)
