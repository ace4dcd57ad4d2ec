# SPDX-License-Identifier: BSD-2-Clause
"""Run pytest on one file; where pytest or numpy is missing, skip and say so. Usage: run.py FILE"""

import pathlib
import sys

sys.dont_write_bytecode = True
try:
    import numpy    # noqa: F401
    import pytest
except ImportError as error:
    print(f"SKIPPED: {error} (python3-pytest, python3-numpy)")
    sys.exit(77)
root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "common" / "python"))
sys.exit(pytest.main(["-q", "-rs", "-p", "no:cacheprovider", *sys.argv[1:]]))
