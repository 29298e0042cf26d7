"""What can go wrong while the log of imports is kept."""

from reorder.kernel.errors import Conflict, NotFound


class ImportGone(NotFound):
    """The import that should be carried on does not exist."""

    code = "channels.import_gone"
    template = "import {import_id} does not exist"


class UnknownUpload(NotFound):
    code = "channels.unknown_upload"
    template = "There is no uploaded file {upload_id}."


class UploadNotInState(Conflict):
    """Somebody else started, finished or removed it meanwhile."""

    code = "channels.upload_not_in_state"
    template = "The file is {state} now and cannot be {action}. Look at it again."
