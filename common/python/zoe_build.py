# SPDX-License-Identifier: BSD-2-Clause
"""setuptools, in a copy of this folder: it leaves what it builds beside what it reads."""

import contextlib
import os
import pathlib
import shutil
import tempfile
from typing import Any, Iterator

from setuptools import build_meta


@contextlib.contextmanager
def _copy() -> Iterator[None]:
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "python"
        shutil.copytree(here, copy, ignore=shutil.ignore_patterns("__pycache__"))
        os.chdir(copy)
        try:
            yield
        finally:
            os.chdir(here)


def build_wheel(wheel_directory: str, *arguments: Any, **options: Any) -> str:
    """PEP 517."""
    wheel_directory = os.path.abspath(wheel_directory)
    with _copy():
        return build_meta.build_wheel(wheel_directory, *arguments, **options)


def build_sdist(sdist_directory: str, *arguments: Any, **options: Any) -> str:
    """PEP 517."""
    sdist_directory = os.path.abspath(sdist_directory)
    with _copy():
        return build_meta.build_sdist(sdist_directory, *arguments, **options)


def get_requires_for_build_wheel(*arguments: Any, **options: Any) -> "list[str]":
    """PEP 517: wheel is all that is asked for, and that setuptools found out in a copy."""
    with _copy():
        return build_meta.get_requires_for_build_wheel(*arguments, **options)


def prepare_metadata_for_build_wheel(metadata_directory: str, *arguments: Any,
                                     **options: Any) -> str:
    """PEP 517."""
    metadata_directory = os.path.abspath(metadata_directory)
    with _copy():
        return build_meta.prepare_metadata_for_build_wheel(metadata_directory, *arguments,
                                                           **options)
