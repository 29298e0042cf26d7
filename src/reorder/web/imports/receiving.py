"""Brings the files of a form to disk as they arrive, without ever holding one in memory."""

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from reorder.flows.file_import import uploads
from reorder.flows.file_import.errors import FileTooLarge
from reorder.flows.file_import.uploads import Incoming


class IncomingHandler(FileUploadHandler):
    """Writes each file of a form into a folder of its own; what nobody claims by `take` is to be discarded."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.faults: list[FileTooLarge] = []
        self._open: Incoming | None = None
        self._arrived: list[Incoming] = []

    def new_file(self, *args: object, **kwargs: object) -> None:
        """A part of the form with a file's name begins."""
        super().new_file(*args, **kwargs)  # type: ignore[arg-type]
        self._open = uploads.open_incoming(name=self.file_name or "")
        self._arrived.append(self._open)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Append a chunk; a file that grows too large is forgotten and the rest of it read past."""
        assert self._open is not None  # noqa: S101 - the parser begins a file before its first chunk
        try:
            self._open.write(raw_data)
        except FileTooLarge as fault:
            self.faults.append(fault)
            self._arrived.remove(self._open)
            raise SkipFile from fault

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """The file has arrived whole; the form sees its name only."""
        return UploadedFile(file=None, name=self.file_name, size=file_size)

    def upload_interrupted(self) -> None:
        """The browser went away."""
        self.discard()

    def take(self) -> list[Incoming]:
        """The files that arrived whole; they are the caller's from now on."""
        taken, self._arrived = self._arrived, []
        return taken

    def discard(self) -> None:
        """Forget what nobody took."""
        for incoming in self.take():
            incoming.discard()
