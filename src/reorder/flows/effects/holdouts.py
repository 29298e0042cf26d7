"""Choosing how many customers hear nothing, so that everybody knows what the others' messages earned."""

import datetime as dt
from typing import Final

from reorder.domain.marketing import proof
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.engine import effects
from reorder.flows.effects.errors import (
    BadHoldout,
    HoldoutBlind,
    HoldoutHopeless,
    HoldoutTooLarge,
    HoldoutTooSmall,
)
from reorder.flows.effects.power import Power, show_power
from reorder.kernel.formatting import format_share, format_units

_LONGEST_NOTE: Final = 200
_LONGEST_KIND: Final = 16


def choose_holdout(
    *, source_kind: str, source_key: str, share: float, note: str, decided_by: str, moment: dt.datetime
) -> None:
    """From now on keep this share of the customers from a source (or, of kind global, from all marketing).

    Whoever is held out stays held out as long as the share does not shrink. What is measured starts anew with the
    choice. Nobody may be held out too, with a note that says why.

    Raises BadHoldout, or one of the errors that say why a holdout would be for nothing.
    """
    _check(source_kind=source_kind, source_key=source_key, share=share, note=note)
    if share > 0:
        _refuse_silly(show_power(source_kind=source_kind, source_key=source_key, moment=moment, share=share))
    with one_transaction():
        before = proof.load_holdouts().find(source_kind=source_kind, source_key=source_key)
        if before is not None and before.share == share and before.source_key == source_key:
            return
        proof.record_holdout(
            source_kind=source_kind,
            source_key=source_key,
            share=share,
            note=note.strip(),
            decided_by=decided_by,
            decided_at=moment,
        )
        record_audit(
            actor=decided_by,
            action="marketing.choose_holdout",
            subject_kind=source_kind,
            subject_key=source_key or source_kind,
            details={"share_percent": share * 100, "before_percent": before.share * 100 if before else None},
        )


def _check(*, source_kind: str, source_key: str, share: float, note: str) -> None:
    if not source_kind or len(source_kind) > _LONGEST_KIND or (source_kind == proof.GLOBAL_KIND and source_key):
        raise BadHoldout(reason="name a kind of source and its code")
    if not 0.0 <= share <= 1.0:
        raise BadHoldout(reason="the share is from 0 to 100 percent")
    if len(note) > _LONGEST_NOTE:
        raise BadHoldout(reason="a text is longer than 200 characters")
    if share == 0 and not note.strip():
        raise BadHoldout(reason="with nobody held out nothing can be proved: say why in the note")


def _refuse_silly(power: Power) -> None:
    judged = power.verdict
    if not judged.is_silly:
        return
    said = _percent(power.share)
    if judged.verdict == "too_large":
        raise HoldoutTooLarge(share=said, most=format_share(effects.MOST_SHARE))
    if judged.verdict == "too_small":
        raise HoldoutTooSmall(share=said, least=format_share(effects.LEAST_SHARE))
    held, people = format_units(judged.sight.held_out_people), format_units(judged.sight.people)
    if judged.suggested_share is None:
        raise HoldoutHopeless(share=said, held=held, people=people)
    raise HoldoutBlind(share=said, held=held, people=people, suggested=_percent(judged.suggested_share))


def _percent(share: float) -> str:
    return f"{round(share * 100, 2):g}%"
