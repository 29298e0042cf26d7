"""Pictures of goods that come back, as their first bytes show them to be."""

import datetime as dt
from typing import Final

from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.return_errors import BadReturnInput, BadReturnPhoto
from reorder.domain.warehouse.returns import add_photo, count_photos
from reorder.flows.returns.telling import hold_case

MOST_BYTES: Final = 4_000_000
MOST_PHOTOS: Final = 12
# A picture is what its first bytes say, whatever its name.
_PICTURES: Final = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"WEBP", 8, "image/webp"),
)


def kind_of_picture(*, content: bytes) -> str:
    """The media type of a picture. Raises BadReturnPhoto for anything else, and for one that is too large."""
    kind = next((kind for mark, at, kind in _PICTURES if content[at : at + len(mark)] == mark), "")
    if not kind or len(content) > MOST_BYTES:
        raise BadReturnPhoto
    return kind


def take_photo(*, return_id: int, content: bytes, actor: Actor, moment: dt.datetime) -> int:
    """Keep a picture of a return; its number. Raises UnknownReturn, BadReturnPhoto, BadReturnInput."""
    kind = kind_of_picture(content=content)
    with one_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        if count_photos(return_id=case.held.id) >= MOST_PHOTOS:
            raise BadReturnInput(reason="a return has at most 12 pictures")
        return add_photo(return_id=case.held.id, content=content, media_type=kind, taken_by=actor.name, moment=moment)


REASON_TEMPLATES = ("a return has at most 12 pictures",)
