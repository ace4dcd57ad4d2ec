# SPDX-License-Identifier: BSD-2-Clause
"""How a program around a pool waits and ends: as the programs in C do, with one line about it."""

import argparse
import os
import signal
import sys
from typing import Any, Callable, NoReturn, Optional

from .errors import Error, printable
from .follow import WAYS, Waiting, first_wait


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the options, and ends the program with 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {printable(message)}; see {self.prog} --help\n")

    def add_follow(self) -> None:
        """The option --follow, for `follow` of readers and results."""
        self.add_argument(
            "--follow", choices=WAYS, default=WAYS[0], metavar="WHEN",
            help="restarts (default): go on with the next capture when one was stopped, failed or "
            "died, and end with its input; always: go on after that, too; never: end with this "
            "capture, exit 1 if it failed or died")


class _OutputError(Exception):
    """Standard output could not be written."""


class _Output:
    """Standard output, which tells its own errors from those of other files."""

    def __init__(self, stream: Any):
        self._stream = stream

    def write(self, text: str) -> int:
        """As a text file's, and ValueError is for who closed it."""
        return self._try("write", text)

    def flush(self) -> None:
        """As a text file's."""
        self._try("flush")

    def _try(self, method: str, *arguments: Any) -> Any:
        if self._stream is None:        # it was closed when Python began
            raise _OutputError("Bad file descriptor")
        try:
            return getattr(self._stream, method)(*arguments)
        except OSError as error:
            # What Python still has it would write, and fail to, once more at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            if isinstance(error, BrokenPipeError):
                raise
            raise _OutputError(error.strerror) from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _status(name: str, main: Callable[[], Any]) -> int:
    try:
        try:
            main()
        finally:
            sys.stdout.flush()          # --help leaves by SystemExit
    except (KeyboardInterrupt, BrokenPipeError):
        pass                            # asked to end; nobody reads any more
    except _OutputError as error:
        print(f"{name}: error: cannot write to stdout: {error}", file=sys.stderr)
        return 1
    except Error as error:
        print(f"{name}: error: {error}", file=sys.stderr)
        return 1
    return 0


def waiting(name: str, pool: str) -> Waiting:
    """For `waiting` of readers and results: what is waited for is said, and that it came."""
    def say(why: Optional[str]) -> None:
        if why is None:
            why = f"pool '{pool}' is there"
        elif why == first_wait(pool):
            why += f": zoe-capture --name {pool} INPUT makes it"
        else:
            why += "; waiting for the next one of that name"
        print(f"{name}: {why}", file=sys.stderr)
    return say


def run(name: str, main: Callable[[], Any]) -> int:
    """Run main() and return the exit status. Ctrl-C, SIGTERM and a reader of our output that has
    gone end it well; an Error, or output that cannot be written, is one line on stderr, and 1."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    stream = sys.stdout
    sys.stdout = _Output(stream)        # type: ignore[assignment]
    try:
        return _status(name, main)
    finally:
        sys.stdout = stream
