"""Processes that belong together: a child ends when the one that started it is gone, however that one died."""

import os
import signal
import threading
import time

_LOOK_SECONDS = 0.5
_GRACE_SECONDS = 15.0


def follow_parent(*, parent_pid: int) -> None:
    """Watch from a thread: once `parent_pid` is no longer our parent, end as if told to, and by force if that hangs.

    The number comes from the parent itself, so that one who died before we looked is noticed too.
    """
    threading.Thread(target=_follow, args=(parent_pid,), name="follow-parent", daemon=True).start()


def _follow(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)
