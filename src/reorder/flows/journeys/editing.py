"""Journeys made, changed and removed by people, with the audit trail of who did."""

import datetime as dt
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from reorder.domain.marketing.journeys import keeping
from reorder.domain.marketing.journeys.errors import UnknownReadyMade, WrongJourneyState
from reorder.domain.marketing.journeys.keepable import refuse_unkeepable
from reorder.domain.marketing.journeys.keeping import JourneyRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.content.ready_made import lay_down
from reorder.flows.journeys.ready_made import find_ready_made
from reorder.flows.journeys.switching import switch_on

# What a new journey of one's own begins with: it can be read at once, and says what to change.
BLANK: Mapping[str, Any] = {
    "trigger": {"facts": ["ordered"]},
    "start": None,
    "steps": {},
    "exits": [],
    "settings": {"channels": ["email"], "offers": [], "offset_days": 0, "valid_days": 3},
}


def adopt(*, code: str, decided_by: str, moment: dt.datetime) -> JourneyRow:
    """A ready-made journey as one of the shop's own, to be changed or switched on; the same again changes nothing.

    Its templates are laid down where they are not there yet. Raises UnknownReadyMade.
    """
    made = find_ready_made(code=code)
    if made is None:
        raise UnknownReadyMade(what="ready-made journey", key=code)
    with one_transaction():
        lay_down(laid_by=decided_by, moment=moment, codes=made.templates)
        found = keeping.find_journey(code=code)
        if found is not None:
            return found
        return _create(
            code=code, name="", ready_made=code, document=made.document, decided_by=decided_by, moment=moment
        )


def switch_on_ready_made(
    *,
    code: str,
    settings: Mapping[str, Any],
    decided_by: str,
    moment: dt.datetime,
    translate: Callable[[str], str] = str,
) -> JourneyRow:
    """Adopt a ready-made journey, put these settings in place of its own, and switch it on.

    `settings`: see definition.Settings, and by product type its `categories`; what is left out stays. Raises
    UnknownReadyMade, JourneyBroken.
    """
    journey = adopt(code=code, decided_by=decided_by, moment=moment)
    document = deepcopy(dict(journey.draft))
    before = document.get("settings", {})
    types = {**before.get("categories", {}), **settings.get("categories", {})}
    document["settings"] = {**before, **settings, **({"categories": types} if types else {})}
    if document != journey.draft:
        save(code=code, document=document, seen_number=journey.draft_number, decided_by=decided_by, moment=moment)
    return switch_on(code=code, decided_by=decided_by, moment=moment, translate=translate)


def create(*, code: str, name: str, decided_by: str, moment: dt.datetime) -> JourneyRow:
    """An empty journey. Raises BadJourneyCode, JourneyExists."""
    with one_transaction():
        return _create(code=code, name=name, ready_made="", document=BLANK, decided_by=decided_by, moment=moment)


def save(
    *, code: str, document: Mapping[str, Any], seen_number: int | None, decided_by: str, moment: dt.datetime
) -> JourneyRow:
    """Keep a changed draft; what runs is not touched by it. Raises UnknownJourney, JourneyChanged."""
    with one_transaction():
        saved = keeping.save_draft(
            code=code, document=document, seen_number=seen_number, decided_by=decided_by, moment=moment
        )
        _audit(action="journeys.save", code=code, decided_by=decided_by)
        return saved


def put(*, code: str, name: str, document: Mapping[str, Any], decided_by: str, moment: dt.datetime) -> JourneyRow:
    """A draft in place of the one that is there, or of none. Raises BadJourneyCode, BadDefinition."""
    refuse_unkeepable(document=document)
    with one_transaction():
        if keeping.find_journey(code=code) is None:
            return _create(code=code, name=name, ready_made="", document=document, decided_by=decided_by, moment=moment)
        if name:
            keeping.rename_journey(code=code, name=name, decided_by=decided_by, moment=moment)
        keeping.save_draft(code=code, document=document, seen_number=None, decided_by=decided_by, moment=moment)
        _audit(action="journeys.save", code=code, decided_by=decided_by)
        return keeping.get_journey(code=code)


def undo_changes(*, code: str, seen_number: int, decided_by: str, moment: dt.datetime) -> JourneyRow:
    """The draft is again what runs. Raises UnknownJourney, JourneyChanged, WrongJourneyState."""
    journey = keeping.get_journey(code=code)
    if journey.live is None:
        raise WrongJourneyState(key=code, state=journey.state, reason="it was never switched on")
    return save(code=code, document=journey.live, seen_number=seen_number, decided_by=decided_by, moment=moment)


def rename(*, code: str, name: str, decided_by: str, moment: dt.datetime) -> None:
    """Give a journey another name. Raises UnknownJourney."""
    with one_transaction():
        keeping.rename_journey(code=code, name=name, decided_by=decided_by, moment=moment)
        _audit(action="journeys.rename", code=code, decided_by=decided_by)


def remove(*, code: str, decided_by: str) -> None:
    """Remove a draft that was never switched on. Raises UnknownJourney, WrongJourneyState."""
    with one_transaction():
        journey = keeping.get_journey(code=code)
        if not keeping.forget_journey(code=code):
            raise WrongJourneyState(key=code, state=journey.state, reason="only drafts that never ran can be removed")
        _audit(action="journeys.remove", code=code, decided_by=decided_by)


def _create(
    *, code: str, name: str, ready_made: str, document: Mapping[str, Any], decided_by: str, moment: dt.datetime
) -> JourneyRow:
    made = keeping.create_journey(
        code=code, name=name, ready_made=ready_made, document=document, decided_by=decided_by, moment=moment
    )
    _audit(action="journeys.create", code=code, decided_by=decided_by)
    return made


def _audit(*, action: str, code: str, decided_by: str) -> None:
    record_audit(actor=decided_by, action=action, subject_kind="journey", subject_key=code)
