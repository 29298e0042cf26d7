"""Bins follow stock that was corrected by a way that named no bin, and the touched ones are counted."""

import datetime as dt
from collections.abc import Iterable, Sequence

from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.bin_stock import follow_stock, list_excess
from reorder.flows.counting.asking import ask_count


def follow_correction(
    *, place_code: str, product_ids: Sequence[int], cause_kind: str, cause_key: str, actor: Actor, moment: dt.datetime
) -> list[str]:
    """Take out of bins what the place no longer has, and have those bins counted; returns their codes.

    Part of the caller's transaction, after its change of stock. Goods that came are loose until they are put away.
    """
    # Few of the thousands of a file have more in bins than the place still has.
    excess = list_excess(place_code=place_code, product_ids=product_ids)
    if not excess:
        return []
    moves = follow_stock(
        place_code=place_code,
        product_ids=sorted({one.product_id for one in excess}),
        cause_kind=cause_kind,
        cause_key=cause_key,
        actor=actor.name,
        moment=moment,
    )
    touched = sorted({one.source for one in moves})
    for bin_code in touched:
        ask_count(bin_code=bin_code, cause="follow", actor=actor, moment=moment)
    return touched


def follow_corrections(
    *, goods: Iterable[tuple[int, str]], cause_kind: str, cause_key: str, actor: Actor, moment: dt.datetime
) -> list[str]:
    """The same for (product, place code) pairs of several places."""
    by_place: dict[str, set[int]] = {}
    for product_id, place_code in goods:
        by_place.setdefault(place_code, set()).add(product_id)
    return [
        code
        for place_code, product_ids in sorted(by_place.items())
        for code in follow_correction(
            place_code=place_code,
            product_ids=sorted(product_ids),
            cause_kind=cause_kind,
            cause_key=cause_key,
            actor=actor,
            moment=moment,
        )
    ]
