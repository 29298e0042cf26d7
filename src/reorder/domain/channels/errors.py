"""What can go wrong while the log of imports is kept."""

from reorder.kernel.errors import NotFound


class ImportGone(NotFound):
    """The import that should be carried on does not exist."""

    code = "channels.import_gone"
    template = "import {import_id} does not exist"
