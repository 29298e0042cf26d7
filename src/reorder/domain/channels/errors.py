"""What can go wrong while the log of imports is kept."""

from reorder.kernel.errors import BadInput, Conflict, NotFound, ReorderError


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


class UnknownEndpoint(NotFound):
    code = "channels.unknown_endpoint"
    template = "There is no webhook endpoint {endpoint_id}."


class UnknownDelivery(NotFound):
    code = "channels.unknown_delivery"
    template = "There is no webhook delivery {delivery_id}."


class EndpointNotInState(Conflict):
    """Somebody else changed it meanwhile, or it is in the wrong state for this."""

    code = "channels.endpoint_not_in_state"
    template = "The endpoint is {state} now and cannot be {action}. Look at it again."


class BadEndpoint(BadInput):
    """What was entered for an endpoint cannot be used."""

    code = "channels.bad_endpoint"
    template = "This endpoint cannot be used: {reason}."


class SecretUnreadable(ReorderError):
    """The signing key of the installation is another one than when the secret was made."""

    code = "channels.secret_unreadable"
    template = "The endpoint's secret cannot be read with this installation's signing key. Make a new one."
