"""Runs a command that dies with the process that started it: `python -I -S leash.py PARENT_PID COMMAND...`.

The kernel kills the command (SIGKILL, also when it is stopped) once its parent is gone, so that a supervisor killed
with -9 leaves nothing behind. Set after the fork and before the exec, in a process of its own: a `preexec_fn` would
run Python between fork and exec of a process that may have threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def leashed(command: list[str]) -> list[str]:
    """The command line that runs `command` on this process's leash; start it from the main thread."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def main() -> None:
    """Tie this process to its parent and become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:  # it died before the leash was tied
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main()
