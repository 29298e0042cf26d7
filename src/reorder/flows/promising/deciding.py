"""What a merchant decides about selling a product beyond its stock, keeping some of it, and how fresh it must be."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from reorder.domain.catalog.categories import get_category
from reorder.domain.inventory import promise_terms
from reorder.domain.inventory.promise_rules import SellingTerms
from reorder.domain.inventory.promise_terms import FreshRow
from reorder.domain.inventory.queries import list_places
from reorder.domain.planning import operations as planning
from reorder.domain.planning.customer_list import SEGMENTS
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.flows.promising import errors
from reorder.kernel.jobs import JobName, defer_job

_MOST_DAYS = 3650


def set_selling_terms(*, sku: str, terms: SellingTerms, actor: Actor, moment: dt.datetime) -> None:
    """Sell a product beyond its stock from now on, or no longer; orders that wait already go on waiting.

    Raises BadTerms.
    """
    _refuse_bad_terms(terms)
    with one_transaction():
        promise_terms.put_selling_terms(terms=terms, decided_by=actor.name, moment=moment)
        _audit(sku=sku, action="inventory.set_selling_terms", actor=actor)
        # A release that was put forward, or taken away, may free what is waited for.
        defer_job(name=JobName.FILL_BACKORDERS, once_key="backorders")


def keep_units(
    *,
    product_id: int,
    sku: str,
    place_code: str,
    units: Decimal,
    segments: Sequence[str],
    ends_at: dt.datetime,
    actor: Actor,
    moment: dt.datetime,
) -> None:
    """Keep the last units of a product at a place for customers of some segments until a moment.

    Raises UnknownPlaceAsked, BadTerms.
    """
    place = next((one for one in list_places() if one.code == place_code and actor.may_at(one.code)), None)
    if place is None:
        raise errors.UnknownPlaceAsked(place=place_code)
    _refuse(
        {
            "give more than zero units, with at most three decimals": units <= 0
            or units != units.quantize(Decimal("0.001")),
            "choose at least one segment": not segments or not set(segments) <= set(SEGMENTS),
            "the moment until which they are kept has passed": ends_at <= moment,
        }
    )
    with one_transaction():
        promise_terms.put_reserve(
            product_id=product_id,
            place_id=place.id,
            units=units,
            segments=sorted(set(segments)),
            ends_at=ends_at,
            decided_by=actor.name,
            moment=moment,
        )
        _audit(sku=sku, action="inventory.keep_units", actor=actor, place=place_code)


def keep_no_longer(*, product_id: int, sku: str, place_code: str, actor: Actor) -> bool:
    """Everybody may have the last units at a place again; False when none were kept there."""
    place = next((one for one in list_places() if one.code == place_code and actor.may_at(one.code)), None)
    if place is None:
        return False
    with one_transaction():
        is_dropped = promise_terms.drop_reserve(product_id=product_id, place_id=place.id)
        if is_dropped:
            _audit(sku=sku, action="inventory.keep_no_longer", actor=actor, place=place_code)
    return is_dropped


def set_fresh_days(
    *, product_id: int, sku: str, channel: str, minimum_days: int, actor: Actor, moment: dt.datetime
) -> None:
    """Goods must keep so many days when they are promised to a channel; '' is every channel. Raises BadTerms."""
    _refuse_bad_days(minimum_days=minimum_days, channel=channel)
    with one_transaction():
        promise_terms.put_fresh_days(
            minimum_days=minimum_days, channel=channel, product_id=product_id, decided_by=actor.name, moment=moment
        )
        _audit(sku=sku, action="inventory.set_fresh_days", actor=actor, channel=channel)


def drop_fresh_days(*, product_id: int, sku: str, rule_id: int, actor: Actor) -> bool:
    """The rule holds no longer; False when it was gone already."""
    with one_transaction():
        is_dropped = promise_terms.drop_fresh_days(rule_id=rule_id, product_id=product_id)
        if is_dropped:
            _audit(sku=sku, action="inventory.drop_fresh_days", actor=actor)
    return is_dropped


def set_general_fresh_days(
    *,
    category_code: str,
    channel: str,
    minimum_days: int,
    actor: Actor,
    moment: dt.datetime,
    instead_of_id: int | None = None,
) -> None:
    """Goods of a category and of those below it ('': all goods) must keep so many days; a product's rule goes first.

    `instead_of_id` is a rule that this one takes the place of. Raises BadTerms, UnknownCategory.
    """
    _refuse_bad_days(minimum_days=minimum_days, channel=channel)
    category = get_category(code=category_code) if category_code else None
    with one_transaction():
        promise_terms.put_fresh_days(
            minimum_days=minimum_days,
            channel=channel,
            category_id=category.id if category else None,
            decided_by=actor.name,
            moment=moment,
        )
        _audit_general(
            action="inventory.set_fresh_days",
            category_code=category_code,
            actor=actor,
            details={"channel": channel, "minimum_days": minimum_days},
        )
        old = _find_general_rule(rule_id=instead_of_id)
        if old is not None and (old.category_code or "", old.channel) != (category_code, channel):
            _drop_general(rule=old, actor=actor)


def drop_general_fresh_days(*, rule_id: int, actor: Actor) -> bool:
    """A rule of a category, or of all goods, holds no longer; False when it was gone already."""
    with one_transaction():
        rule = _find_general_rule(rule_id=rule_id)
        return rule is not None and _drop_general(rule=rule, actor=actor)


def _find_general_rule(*, rule_id: int | None) -> FreshRow | None:
    return next((one for one in promise_terms.list_fresh_rules(product_id=None) if one.id == rule_id), None)


def _drop_general(*, rule: FreshRow, actor: Actor) -> bool:
    is_dropped = promise_terms.drop_fresh_days(rule_id=rule.id, product_id=None)
    if is_dropped:
        _audit_general(
            action="inventory.drop_fresh_days",
            category_code=rule.category_code or "",
            actor=actor,
            details={"channel": rule.channel, "minimum_days": rule.minimum_days},
        )
    return is_dropped


def _refuse_bad_days(*, minimum_days: int, channel: str) -> None:
    _refuse(
        {
            "give days from 0 to 3650": not 0 <= minimum_days <= _MOST_DAYS,
            "a channel has at most 60 characters": len(channel) > 60,
        }
    )


def _refuse_bad_terms(terms: SellingTerms) -> None:
    limits = (terms.backorder_limit_units, terms.preorder_limit_units)
    start, end, release = terms.preorder_from_date, terms.preorder_until_date, terms.release_date
    _refuse(
        {
            "a limit is more than zero units": any(one is not None and one <= 0 for one in limits),
            "give days from 0 to 3650": not 0 <= terms.wait_days <= _MOST_DAYS,
            "a pre-order needs the day of the release": (start or end) is not None and release is None,
            "pre-orders end before they begin": start is not None and end is not None and end < start,
            "pre-orders begin before the release": start is not None and release is not None and start >= release,
        }
    )


def _refuse(faults: dict[str, bool]) -> None:
    for reason, holds in faults.items():
        if holds:
            raise errors.BadTerms(reason=reason)


def _audit(*, sku: str, action: str, actor: Actor, **details: str) -> None:
    planning.mark_dirty(kind="position", subject_keys=[f"{sku}|{place.code}" for place in list_places()])
    record_audit(actor=actor.name, action=action, subject_kind="product", subject_key=sku, details=details)


def _audit_general(*, action: str, category_code: str, actor: Actor, details: dict[str, str | int]) -> None:
    record_audit(
        actor=actor.name, action=action, subject_kind="category", subject_key=category_code or "*", details=details
    )
