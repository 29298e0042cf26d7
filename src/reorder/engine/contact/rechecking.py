"""A planned message at the moment at which it would leave: much may have happened since it was decided; pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reorder.engine.contact.slots import find_blocked, is_quiet, list_slots
from reorder.engine.contact.values import Contact, Person, Rules, caps_of, hour_of, waking_of

_DAY = dt.timedelta(days=1)
_PATIENCE = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Rechecked:
    """Why a message may not go now, and when it may; `at` None: not before it is worth nothing."""

    message_id: int
    cause: str  # quiet_hours, cap or stock
    at: dt.datetime | None


def recheck(
    *, due: Sequence[Contact], short_ids: frozenset[int], person: Person, rules: Rules, moment: dt.datetime
) -> list[Rechecked]:
    """Those of a person's due messages that may not go now: it is quiet, a cap is full by now, or goods are gone.

    Args:
        due: messages whose moment has come; the most valuable goes first.
        short_ids: those of them whose goods are not there.
        person: with all messages of the last and the coming days, the due ones included.
        rules: what the shop laid down.
        moment: now, UTC.
    """
    due_ids = {one.message_id for one in due}
    others = [one for one in person.contacts if one.message_id not in due_ids]
    gone, found = [one for one in others if one.at <= moment], list[Rechecked]()
    moving = _Moving(person, rules, moment)
    for one in sorted(due, key=lambda one: (-one.value_minor, one.message_id)):
        cause = "stock" if one.message_id in short_ids else moving.cause_of(one, gone=gone)
        if not cause:
            gone.append(replace(one, at=moment))
            continue
        at = moving.find_place(one, taken=[*others, *gone], is_short=cause == "stock")
        found.append(Rechecked(one.message_id, cause, at))
        if at is not None:
            others.append(replace(one, at=at))
    return found


@dataclass(frozen=True, slots=True)
class _Moving:
    person: Person
    rules: Rules
    moment: dt.datetime

    def cause_of(self, one: Contact, *, gone: Sequence[Contact]) -> str:
        if is_quiet(moment=self.moment, zone=self.person.zone, waking=self._waking):
            return "quiet_hours"
        return "cap" if self._is_full(one, at=self.moment, taken=gone) else ""

    def find_place(self, one: Contact, *, taken: Sequence[Contact], is_short: bool) -> dt.datetime | None:
        slots = list_slots(
            start=self.moment + _DAY if is_short else self.moment,
            latest=one.latest_at or self.moment + _PATIENCE,
            zone=self.person.zone,
            waking=self._waking,
            hour=hour_of(rules=self.rules, person=self.person),
        )
        return next((at for at in slots if not self._is_full(one, at=at, taken=taken)), None)

    @property
    def _waking(self) -> tuple[int, int]:
        return waking_of(shop=self.rules.waking, own=self.person.waking)

    def _is_full(self, one: Contact, *, at: dt.datetime, taken: Sequence[Contact]) -> bool:
        caps = caps_of(rules=self.rules, person=self.person)
        return find_blocked(at=at, channel=one.channel, contacts=taken, caps=caps) is not None
