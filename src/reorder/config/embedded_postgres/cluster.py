"""The data folder: made aside and renamed when complete, so that a kill at any moment leaves nothing half-made."""

import os
import re
import shutil
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path

from reorder.config.embedded_postgres.errors import PostgresHomeUnusable, PostgresInitFailed, PostgresVersionDiffers
from reorder.config.embedded_postgres.places import PORT, Places, sync_folder, write_owned
from reorder.config.embedded_postgres.programs import Programs, run_as

ROLE = "reorder"
DATABASE = "reorder"

# Written once, when the cluster is made: what an owner tunes later with ALTER SYSTEM stays.
_FIRST_SETTINGS = {
    "effective_cache_size": "1GB",
    "fsync": "on",
    "jit": "off",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "wal_compression": "on",
    "work_mem": "16MB",
}


def has_cluster(*, places: Places) -> bool:
    """Whether a finished cluster is there; raises PostgresHomeUnusable for a folder of something else."""
    if (places.data / "PG_VERSION").is_file():
        return True
    if places.data.exists() and any(places.data.iterdir()):
        raise PostgresHomeUnusable(folder=places.data, reason="it is not empty and not a database; move it away")
    return False


def make_cluster(*, places: Places, programs: Programs) -> None:
    """Run initdb in a side folder, sync, rename; raises PostgresInitFailed."""
    # An initdb that outlived its killed starter may still write in an older side folder, hence a new name each time.
    for left_over in places.folder.glob("data.init-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    side = Path(tempfile.mkdtemp(prefix="data.init-", dir=places.folder))
    if places.account.is_other:
        os.chown(side, places.account.uid, places.account.gid)
    command: list[str | Path] = [
        programs.path_of(program="initdb"),
        f"--pgdata={side}",
        f"--username={ROLE}",
        "--auth=trust",
        "--encoding=UTF8",
        "--data-checksums",
        "--locale=C.UTF-8",
        *(["--locale-provider=builtin"] if programs.major >= 17 else []),
    ]
    answer = run_as(command=command, account=places.account, cwd=places.folder)
    if answer.returncode != 0:
        shutil.rmtree(side, ignore_errors=True)
        raise PostgresInitFailed(folder=places.folder, output=answer.stdout[-4000:])
    _merge_settings(cluster=side, places=places, settings=_FIRST_SETTINGS)
    sync_folder(folder=side)
    side.rename(places.data)
    sync_folder(folder=places.folder)


def check_version(*, places: Places, programs: Programs) -> None:
    """Raise PostgresVersionDiffers unless the programs can open the data."""
    data_version = (places.data / "PG_VERSION").read_text(encoding="ascii").strip()
    if data_version != str(programs.major):
        raise PostgresVersionDiffers(
            folder=places.data, data_version=data_version, programs=programs.folder, programs_version=programs.version
        )


def write_settings(*, places: Places, extra: Mapping[str, str]) -> None:
    """Set what must fit the place, and the caller's extra settings, in postgresql.auto.conf before a start."""
    required = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": _as_list_item(str(places.socket_folder)),
        "unix_socket_permissions": "0700",
    }
    _merge_settings(cluster=places.data, places=places, settings={**required, **extra})


def read_system_identifier(*, places: Places) -> int:
    """The cluster's identity as its control file has it (the first eight bytes, in the machine's byte order)."""
    with (places.data / "global" / "pg_control").open("rb") as stream:
        return int(struct.unpack("=Q", stream.read(8))[0])


def _merge_settings(*, cluster: Path, places: Places, settings: Mapping[str, str]) -> None:
    file = cluster / "postgresql.auto.conf"
    existing = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    kept = [line for line in existing if _name_in(line=line) not in settings]
    ours = [f"{name} = {_quoted(value)}" for name, value in sorted(settings.items())]
    text = "\n".join([*kept, *ours]) + "\n"
    if text != "\n".join(existing) + "\n":
        write_owned(file=file, text=text, account=places.account)


def _name_in(*, line: str) -> str | None:
    found = re.match(r"\s*([A-Za-z_][\w.]*)\s*=", line)
    return found.group(1).lower() if found else None


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _as_list_item(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
