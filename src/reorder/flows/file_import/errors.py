"""What can go wrong with a whole file; single rows are refused instead."""

from reorder.kernel.errors import BadInput


class FileMissing(BadInput):
    """There is no such file."""

    code = "import.file_missing"
    template = "{file}: there is no such file."


class FileTooLarge(BadInput):
    """The file is larger than the settings allow."""

    code = "import.file_too_large"
    template = "{file}: {bytes:,} bytes are more than the limit of {limit:,}; split the file or raise {variable}."


class UnknownFileType(BadInput):
    """The file is not of a type that is read."""

    code = "import.unknown_file_type"
    template = "{file}: not a CSV, TSV, Parquet or XLSX file ({reason})."


class UnreadableFile(BadInput):
    """The file is of a known type but damaged."""

    code = "import.unreadable_file"
    template = "{file}: cannot be read: {reason}"


class UnknownHeader(BadInput):
    """No connector knows the columns."""

    code = "import.unknown_header"
    template = (
        "{file}: the columns are not understood. Orders need order_id, ordered_at, sku and quantity; products sku and "
        "name; stock sku and on_hand; events kind, happened_at and customer_id or email; "
        "signals signal, date and value. Found: {columns}"
    )


class UnknownFormat(BadInput):
    """The asked-for format does not exist or does not fit the file."""

    code = "import.unknown_format"
    template = "{file}: {given!r} does not fit this file; possible: {known}."


class PlaceNeeded(BadInput):
    """A stock count without places, and several places."""

    code = "import.place_needed"
    template = "{file}: add a column `place`; there are several places: {places}."


class RefusalsNotWritten(BadInput):
    """The list of refused rows cannot be written."""

    code = "import.refusals_not_written"
    template = "{file} cannot be written ({reason}); nothing was imported. Make its folder writable."


class UploadGone(BadInput):
    """The folder of an uploaded file was removed, or lies on another machine."""

    code = "import.upload_gone"
    template = "The bytes of {file} are no longer here. Upload the file again."


class BadReading(BadInput):
    """What a person said about a file does not fit together."""

    code = "import.bad_reading"
    template = "{file} cannot be read like that: {reason}"
