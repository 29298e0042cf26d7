"""Having bins counted: one open count a bin, whoever asks and however often."""

import datetime as dt

from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.bins_of_zone import find_bin_at
from reorder.domain.warehouse.counts import AskedCount, CountCause, ask_for_count
from reorder.domain.warehouse.errors import UnknownBin
from reorder.flows.shop_day import shop_date


def ask_count(
    *, bin_code: str, cause: CountCause, actor: Actor, moment: dt.datetime, product_id: int | None = None
) -> AskedCount:
    """Have a bin counted today, or only one product of it; part of the caller's transaction, if there is one.

    A bin has one open count: asking again changes nothing, but hastens it. A count of one product that is wanted for
    another one as well becomes a count of the whole bin. Raises UnknownBin.
    """
    return ask_for_count(
        bin_code=bin_code,
        cause=cause,
        due_on=shop_date(moment=moment),
        asked_by=actor.name,
        product_id=product_id,
    )


def ask_count_at(*, place_code: str, bin_code: str, actor: Actor, moment: dt.datetime) -> AskedCount:
    """Have a bin of one place counted today because somebody asks. Raises UnknownBin, also for one of elsewhere."""
    code = find_bin_at(place_code=place_code, code=bin_code) if actor.may_at(place_code) else None
    if code is None:
        raise UnknownBin(bin=bin_code)
    with one_transaction():
        asked = ask_count(bin_code=code, cause="asked", actor=actor, moment=moment)
        if asked.is_new:
            record_audit(actor=actor.name, action="warehouse.ask_count", subject_kind="bin", subject_key=code)
    return asked
