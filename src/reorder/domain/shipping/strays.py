"""What carriers sent and we could not use: kept with its reason, read again, settled once, forgotten after 30 days."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.shipping.tracking_models import StrayCallback
from reorder.domain.shipping.tracking_rules import CarrierWord, plain_text
from reorder.domain.storage import fetch_prepared, run_sql
from reorder.kernel.ids import idempotency_key

KEPT: Final = dt.timedelta(days=30)
# A carrier may speak of a parcel before its number is with us.
TRIED: Final = dt.timedelta(days=3)
# More than this of one account in the list says nothing new.
_MOST_OPEN: Final = 2_000
_KEEP: Final = """
INSERT INTO shipping_straycallback (account_code, reason_code, detail, tracking_number, key, said, received_at)
SELECT %(account_code)s::text, %(reason_code)s::text, %(detail)s::text, %(tracking_number)s::text, %(key)s::text,
       %(said)s::jsonb, %(moment)s::timestamptz
WHERE (SELECT count(*) FROM shipping_straycallback
       WHERE settled_at IS NULL AND account_code = %(account_code)s::text) < %(most)s::bigint
ON CONFLICT (key) DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class StrayRow:
    """One letter from a carrier that could not be used."""

    id: int
    account_code: str
    reason_code: str
    detail: str
    tracking_number: str
    said: Mapping[str, Any]
    received_at: dt.datetime


def keep_stray_word(*, account_code: str, reason_code: str, word: CarrierWord, moment: dt.datetime) -> bool:
    """Keep a word that is of no parcel of ours, or of none that it can be of; False when it is there already."""
    said = said_of(word=word)
    return _keep(
        account_code=account_code,
        reason_code=reason_code,
        detail="",
        tracking_number=plain_text(text=word.tracking_number),
        said=said,
        moment=moment,
    )


def keep_unreadable(*, account_code: str, detail: str, digest: str, moment: dt.datetime) -> bool:
    """Keep that a letter which was truly the carrier's could not be read; not its text, which may name a person."""
    return _keep(
        account_code=account_code,
        reason_code="unreadable",
        detail=plain_text(text=detail),
        tracking_number="",
        said={"digest": digest},
        moment=moment,
    )


def list_to_retry(*, moment: dt.datetime, limit: int = 200) -> list[StrayRow]:
    """Words of no parcel that came within three days: the parcel may be there by now."""
    found = StrayCallback.objects.filter(
        settled_at__isnull=True, reason_code="no_parcel", received_at__gt=moment - TRIED
    ).order_by("received_at", "id")
    return _rows(found[:limit])


def list_open_strays(*, limit: int = 100) -> list[StrayRow]:
    """What waits for somebody, the newest first."""
    return _rows(StrayCallback.objects.filter(settled_at__isnull=True).order_by("-received_at", "-id")[:limit])


def count_open_strays(*, most: int = 1_000) -> int:
    """How many wait, up to `most`."""
    return StrayCallback.objects.filter(settled_at__isnull=True)[:most].count()


def find_stray(*, stray_id: int) -> StrayRow | None:
    """One that waits."""
    return next(iter(_rows(StrayCallback.objects.filter(pk=stray_id, settled_at__isnull=True))), None)


def settle_stray(*, stray_id: int, settled_by: str, moment: dt.datetime) -> bool:
    """It was used after all, or a person has put it aside; False when it was settled."""
    return bool(
        StrayCallback.objects.filter(pk=stray_id, settled_at__isnull=True).update(
            settled_at=moment, settled_by=settled_by
        )
    )


def forget_strays(*, moment: dt.datetime) -> int:
    """Delete what came more than 30 days ago; returns how many."""
    return run_sql(
        statement="DELETE FROM shipping_straycallback WHERE received_at < %(before)s",
        parameters={"before": moment - KEPT},
    )


def said_of(*, word: CarrierWord) -> dict[str, Any]:
    """A word as JSON."""
    return {
        "tracking_number": word.tracking_number,
        "state": word.state,
        "happened_at": word.happened_at.isoformat(),
        "reason": word.reason,
        "carrier_code": plain_text(text=word.carrier_code),
        "carrier_words": plain_text(text=word.carrier_words),
        "place_text": plain_text(text=word.place_text),
        "key": word.key,
        "expected_date": word.expected_date.isoformat() if word.expected_date else None,
        "collect_until_date": word.collect_until_date.isoformat() if word.collect_until_date else None,
    }


def word_of(*, said: Mapping[str, Any]) -> CarrierWord | None:
    """The word that `said_of` wrote; None where nothing could be read in the first place."""
    if "happened_at" not in said:
        return None
    return CarrierWord(
        tracking_number=_text(said, "tracking_number"),
        state=_text(said, "state"),
        happened_at=dt.datetime.fromisoformat(said["happened_at"]),
        reason=_text(said, "reason"),
        carrier_code=_text(said, "carrier_code"),
        carrier_words=_text(said, "carrier_words"),
        place_text=_text(said, "place_text"),
        key=_text(said, "key"),
        expected_date=_day(said, "expected_date"),
        collect_until_date=_day(said, "collect_until_date"),
    )


def _text(said: Mapping[str, Any], name: str) -> str:
    return str(said.get(name) or "")


def _day(said: Mapping[str, Any], name: str) -> dt.date | None:
    return dt.date.fromisoformat(said[name]) if said.get(name) else None


def _keep(
    *,
    account_code: str,
    reason_code: str,
    detail: str,
    tracking_number: str,
    said: Mapping[str, Any],
    moment: dt.datetime,
) -> bool:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True).replace("\\u0000", "")
    given = {
        "account_code": account_code,
        "reason_code": reason_code,
        "detail": detail,
        "tracking_number": tracking_number,
        "key": idempotency_key("stray", account_code, reason_code, text),
        "said": text,
        "moment": moment,
        "most": _MOST_OPEN,
    }
    return bool(fetch_prepared(statement=_KEEP, parameters=given))


def _rows(found: Sequence[StrayCallback] | Any) -> list[StrayRow]:
    return [
        StrayRow(one.pk, one.account_code, one.reason_code, one.detail, one.tracking_number, one.said, one.received_at)
        for one in found
    ]
