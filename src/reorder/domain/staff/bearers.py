"""What every request of the API asks: who bears this token, and was this write answered before.

Apart from the other reads, because prepared statements bring the frames along: what only lists people, such as the
process that watches the others, starts without them.
"""

import datetime as dt
import json
from typing import Final

from reorder.domain.staff.models import ApiToken
from reorder.domain.staff.queries import AnswerRow, TokenRow, hash_secret, token_row
from reorder.domain.staff.rules import Actor, abilities_of_scopes, abilities_within
from reorder.domain.storage import fetch_prepared

_BEARER_FIELDS: Final = (
    "id", "name", "secret_hash", "hint", "scopes", "place_codes", "requests_per_minute", "created_by", "created_at",
    "expires_at", "revoked_at", "last_used_at",
)  # fmt: skip
_BEARER: Final = f"""
SELECT {", ".join(_BEARER_FIELDS)} FROM staff_apitoken
WHERE secret_hash = %(secret_hash)s::text AND revoked_at IS NULL
"""  # noqa: S608 - made of constants only
_ANSWER: Final = """
SELECT request_hash, status, body, content_type, headers FROM staff_storedanswer
WHERE token_id = %(token_id)s::bigint AND key = %(key)s::text
"""


def find_token_actor(*, secret: str, moment: dt.datetime) -> tuple[Actor, TokenRow] | None:
    """The actor behind a bearer secret; None when it is unknown, revoked or past its day."""
    rows = fetch_prepared(statement=_BEARER, parameters={"secret_hash": hash_secret(secret=secret)})
    if not rows:
        return None
    token = ApiToken.from_db(None, _BEARER_FIELDS, rows[0])
    if token.expires_at and token.expires_at <= moment:
        return None
    scoped = abilities_of_scopes(scopes=frozenset(token.scopes))
    actor = Actor(
        name=f"token:{token.name}",
        abilities=abilities_within(abilities=scoped, place_codes=token.place_codes),
        place_codes=frozenset(token.place_codes),
        token_id=token.pk,
    )
    return actor, token_row(token)


def find_answer(*, token_id: int, key: str) -> AnswerRow | None:
    """The stored answer to a token's write under this key, if there is one."""
    rows = fetch_prepared(statement=_ANSWER, parameters={"token_id": token_id, "key": key})
    if not rows:
        return None
    request_hash, status, body, content_type, headers = rows[0]
    return AnswerRow(
        request_hash=request_hash,
        status=status,
        body=bytes(body),
        content_type=content_type,
        headers=json.loads(headers),
    )
