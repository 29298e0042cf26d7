"""Addresses that tell how far the parcels of an order are: nobody can guess one, and none says whose it is."""

import datetime as dt
import secrets
from typing import Final

from reorder.domain.shipping.tracking_errors import PublicLinkUseless
from reorder.domain.storage import fetch_prepared

# Counted anew whenever a link is given out: a parcel that is under way for months stays visible.
LINK_LASTS: Final = dt.timedelta(days=180)
_BYTES: Final = 18
_LONGEST: Final = 64
# A link that is over is given out again under a new token.
_GIVE: Final = """
INSERT INTO shipping_publiclink (token, order_id, expires_at)
VALUES (%(token)s::text, %(order_id)s::bigint, %(expires_at)s::timestamptz)
ON CONFLICT (order_id) DO UPDATE SET
    token = CASE WHEN shipping_publiclink.expires_at <= %(moment)s::timestamptz THEN excluded.token
                 ELSE shipping_publiclink.token END,
    expires_at = greatest(excluded.expires_at, shipping_publiclink.expires_at)
RETURNING token
"""


def give_token(*, order_id: int, moment: dt.datetime) -> str:
    """The token of an order's link, made when there is none; it lasts 180 days from now."""
    given = {
        "token": secrets.token_urlsafe(_BYTES),
        "order_id": order_id,
        "expires_at": moment + LINK_LASTS,
        "moment": moment,
    }
    return str(fetch_prepared(statement=_GIVE, parameters=given)[0][0])


def read_token(*, token: str, moment: dt.datetime) -> int:
    """The order of a link. Raises PublicLinkUseless."""
    rows = (
        fetch_prepared(
            statement="""SELECT order_id FROM shipping_publiclink
                         WHERE token = %(token)s::text AND expires_at > %(moment)s::timestamptz""",
            parameters={"token": token, "moment": moment},
        )
        if 0 < len(token) <= _LONGEST and "\x00" not in token
        else []
    )
    if not rows:
        raise PublicLinkUseless
    return int(rows[0][0])
