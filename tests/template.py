"""A database with all its tables and no row, made once a machine for each state of the migrations; tests start from copies.

Making it takes a minute, copying a second. Nothing in it is the tests' own: a first command of a fresh installation made it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_PROJECT = Path(__file__).parents[1]
_ROOT = Path(tempfile.gettempdir(), f"reorder-templates-{os.geteuid()}")
_MAKE = "from reorder.cli.start import start_application, stop_database; start_application(); stop_database()"
_KEPT_SECONDS = 24 * 3600


def copy_database(*, home: Path) -> None:
    """Give a home folder without a database one that is up to date and stopped."""
    if (home / "postgres").exists():
        return
    home.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", _make_template() / "postgres", home], check=True)


def _make_template() -> Path:
    _ROOT.mkdir(mode=0o755, exist_ok=True)
    made = _ROOT / _name_of_state()
    # Processes that run tests side by side come here at the same moment: one makes it, the others wait.
    with (_ROOT / "turn.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            (_ROOT / "turn.lock").touch()
            _remove_old(now=(_ROOT / "turn.lock").stat().st_mtime)
            side = Path(tempfile.mkdtemp(prefix="making-", dir=_ROOT))
            side.chmod(0o755)
            kept = {name: value for name, value in os.environ.items() if not name.startswith("REORDER_")}
            subprocess.run([sys.executable, "-c", _MAKE], env={**kept, "REORDER_HOME": str(side)}, check=True)
            side.rename(made)
        os.utime(made)
    return made


def _name_of_state() -> str:
    """What the tables follow from: the migrations, and the versions of Django and PostgreSQL."""
    state = hashlib.sha256((_PROJECT / "uv.lock").read_bytes())
    for file in sorted((_PROJECT / "src").rglob("migrations/*.py")):
        state.update(str(file.relative_to(_PROJECT)).encode() + file.read_bytes())
    return state.hexdigest()[:16]


def _remove_old(*, now: float) -> None:
    for folder in _ROOT.iterdir():
        if folder.is_dir() and folder.stat().st_mtime < now - _KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
