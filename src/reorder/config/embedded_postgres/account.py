"""Which user of the system runs the server: never root, and always the owner of the data that already exists."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from reorder.config.embedded_postgres.errors import ServiceUserMissing


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user that owns the data and runs the server."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether a command of ours must change to this user."""
        return self.uid != os.geteuid()


def find_account(*, folder: Path, service_user: str | None) -> Account:
    """The caller, or as root: the owner of `folder`, else the service user (given, else postgres, else nobody)."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid())
    owner_uid = folder.stat().st_uid if folder.exists() else 0
    if owner_uid != 0:
        return Account(uid=owner_uid, gid=folder.stat().st_gid)
    names = [service_user] if service_user else ["postgres", "nobody"]
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise ServiceUserMissing(user=names[0])
