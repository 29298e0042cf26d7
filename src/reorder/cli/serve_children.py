"""What each child of `reorder serve` and `reorder demo` runs: `python -m reorder.cli.serve_children ROLE PARENT`."""

import os
import sys

from reorder.cli import main as command
from reorder.cli.serve_crew import Role
from reorder.config.processes import follow_parent


def main() -> None:
    """Run one role until told to stop; ends with the parent."""
    role, parent_pid = Role(sys.argv[1]), int(sys.argv[2])
    follow_parent(parent_pid=parent_pid)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reorder.config.settings")
    command.run_guarded(_TASKS[role])


def _pages() -> None:
    from reorder.config import settings
    from reorder.config.serving import run_server

    run_server(options=settings.REORDER)


def _worker() -> None:
    from reorder.cli.start import start_application

    start_application()
    from reorder.jobs.worker import run_worker

    run_worker(until_empty=False)


def _demo() -> None:
    from reorder.cli.start import start_application

    start_application()
    from reorder.cli.demo import prepare

    prepare()


_TASKS = {Role.PAGES: _pages, Role.WORKER: _worker, Role.DEMO: _demo}

if __name__ == "__main__":
    main()
