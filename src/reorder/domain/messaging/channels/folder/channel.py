"""Mail as files: one .eml a Message-ID, for trying things out and for the demo."""

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from django.utils.translation import gettext as _

from reorder.domain.messaging.channels.base import MailNotReady, Outcome, Outgoing, Result
from reorder.domain.messaging.channels.mime import mail_bytes


class MailFolder:
    """Writes each mail atomically; the same mail twice is one file."""

    def __init__(self, *, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def send(self, *, outgoing: Outgoing) -> Outcome:
        """Write the mail; a full disk or missing right means that nothing was delivered."""
        try:
            content = mail_bytes(outgoing=outgoing)
        except ValueError as cause:
            return Outcome(result=Result.REFUSED, code="outbox.failed.unwritable", error=str(cause))
        name = outgoing.message_id.strip("<>").partition("@")[0]
        try:
            self._write(content=content, target=self._folder / f"{name}.eml")
        except OSError as cause:
            return Outcome(
                result=Result.NOT_DELIVERED, code="outbox.retry.no_contact", error=str(cause), is_channel_down=True
            )
        return Outcome(result=Result.DELIVERED)

    def _write(self, *, content: bytes, target: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".writing-")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def check(self) -> str:
        """Where mail goes; raises MailNotReady when the folder cannot be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            raise MailNotReady(address=f"folder:{self._folder}", cause=cause) from cause
        if not os.access(self._folder, os.W_OK):
            raise MailNotReady(address=f"folder:{self._folder}", cause="no right to write there")
        return _("mail is written to {folder}").format(folder=self._folder)
