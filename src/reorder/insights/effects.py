"""What the pages and the API show of marketing's effect: each source with its steps, variants, guards and holdout."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

from reorder.domain.marketing.effect_figures import FigureRow, list_history, list_latest_figures
from reorder.domain.marketing.proof import (
    GLOBAL_KIND,
    HoldoutRow,
    Holdouts,
    get_state,
    list_holdout_choices,
    load_holdouts,
)
from reorder.insights.reading import read_rows
from reorder.kernel.errors import NotFound

HISTORY_DAYS: Final = 180
_CHOICES_SHOWN: Final = 10
# Held-out people below which nothing is worth saying.
FEWEST_HELD_OUT: Final = 30
_NAMES: Final = """
SELECT 'journey' AS kind, code AS key, name, ready_made FROM marketing_journey
UNION ALL SELECT 'campaign', code, name, '' FROM marketing_campaign
"""
# All marketing has no key of its own; an address needs one.
WHOLE_KEY: Final = "all"


_TRIED: Final = """
SELECT DISTINCT template.code AS template_code, version.number, version.variant
FROM messaging_outboxmessage AS message
JOIN marketing_templateversion AS version ON version.id = message.template_version_id AND version.state = 'live'
JOIN marketing_template AS template ON template.id = version.template_id
WHERE message.source_kind = %(kind)s AND message.source_key = %(key)s AND message.step_key = %(step)s
ORDER BY template.code, version.number
"""
# What no night has looked through yet: one day's messages, read by the index of sources or from the end.
_DECIDED: Final = """
SELECT count(DISTINCT customer_id) FILTER (WHERE holdout <> %(held_by)s) AS treated_people,
       count(DISTINCT customer_id) FILTER (WHERE holdout = %(held_by)s) AS held_out_people
FROM messaging_outboxmessage
WHERE id > %(after)s AND purpose = 'marketing' AND customer_id IS NOT NULL AND source_kind <> ''
  AND (%(kind)s = 'global' OR (source_kind = %(kind)s AND source_key = %(key)s AND holdout <> 'global'))
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """Customers decided about since the last measuring, in both arms."""

    treated_people: int = 0
    held_out_people: int = 0


@dataclass(frozen=True, slots=True)
class TriedVersion:
    """A live version of a template that some message of a step was written by."""

    template_code: str
    number: int
    variant: str


class UnknownSource(NotFound):
    """A source of marketing that no message ever came from."""

    code = "effects.unknown_source"
    template = "No marketing was ever decided about from {kind} {key}."


@dataclass(frozen=True, slots=True)
class SourceName:
    """What people call a source: its own name, or which ready-made one it is."""

    name: str = ""
    ready_made: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A whole source, one step of it, or one variant: its figures by measure."""

    step_key: str
    variant: str
    figures: Mapping[str, FigureRow]

    @property
    def treated_people(self) -> int:
        """Customers whom messages were meant for."""
        return self._people("treated_people")

    @property
    def held_out_people(self) -> int:
        """Customers who were kept back."""
        return self._people("held_out_people")

    @property
    def variants(self) -> Sequence[Mapping[str, Any]]:
        """How its variants stand, the best first; none where there is one only."""
        buyers = self.figures.get("buyers")
        return buyers.details.get("variants", ()) if buyers else ()

    @property
    def winner(self) -> str | None:
        """The variant that is proved to be the best."""
        buyers = self.figures.get("buyers")
        return buyers.details.get("winner") if buyers else None

    @property
    def is_comparable(self) -> bool:
        """Whether enough people were kept back to say anything."""
        margin = self.figures.get("margin")
        return self.held_out_people >= FEWEST_HELD_OUT and margin is not None and isfinite(margin.low)

    @property
    def broken_guards(self) -> list[str]:
        """Measures that are proved to be beyond their limit."""
        return [name for name, one in self.figures.items() if one.details.get("is_broken")]

    def _people(self, name: str) -> int:
        buyers = self.figures.get("buyers")
        return int(buyers.details.get(name, 0)) if buyers else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One source: all of it, its steps in order, its variants, and how many customers it keeps back."""

    source_kind: str
    source_key: str
    name: SourceName
    whole: Part
    steps: Sequence[Part] = ()
    variants: Sequence[Part] = ()
    share: float
    since: dt.datetime | None

    @property
    def beside(self) -> Mapping[str, Any]:
        """What stands beside the revenue: attributed figures, messages sent and their cost, open windows."""
        revenue = self.whole.figures.get("revenue")
        return revenue.details if revenue else {}

    @property
    def open_windows(self) -> int:
        """Exposures whose customers may still order: figures of these are not final."""
        return int(self.beside.get("waiting", 0))

    @property
    def open_until(self) -> dt.datetime | None:
        """When the last of these windows ends; None: all have ended."""
        until = self.beside.get("waiting_until")
        return dt.datetime.fromisoformat(until) if until else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Everything that the last measuring found, all marketing first, then what earned most."""

    as_of_date: dt.date | None
    measured_at: dt.datetime | None
    results: Sequence[Result]
    global_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResult:
    """One source with what was known of it day by day, and earlier choices of its holdout.

    `decided` is counted only while nothing was measured.
    """

    result: Result
    decided: Decided = Decided()
    as_of_date: dt.date | None
    history: Sequence[FigureRow] = field(default=())
    choices: Sequence[HoldoutRow] = field(default=())


def key_of(*, source_kind: str, given: str) -> str:
    """A source's key out of an address."""
    return "" if source_kind == GLOBAL_KIND and given == WHOLE_KEY else given.replace("\x00", "")[:200]


def load_results() -> Results:
    """All sources that decided about anybody within a year."""
    state, holdouts, names = get_state(), load_holdouts(), list_source_names()
    grouped: dict[tuple[str, str], list[FigureRow]] = {}
    for row in list_latest_figures():
        grouped.setdefault((row.source_kind, row.source_key), []).append(row)
    results = [_result(key=key, rows=rows, holdouts=holdouts, names=names) for key, rows in grouped.items()]
    return Results(
        as_of_date=state.as_of_date,
        measured_at=state.measured_at,
        results=sorted(results, key=_order),
        global_share=holdouts.global_share,
    )


def load_source(*, source_kind: str, source_key: str, today: dt.date) -> SourceResult:
    """One source; raises UnknownSource. All marketing is always known, also before anything was decided."""
    rows = list_latest_figures(source_kind=source_kind, source_key=source_key)
    names = list_source_names()
    key = (source_kind, source_key)
    if not rows and key not in names and key != (GLOBAL_KIND, ""):
        raise UnknownSource(kind=source_kind, key=source_key)
    state = get_state()
    return SourceResult(
        result=_result(key=key, rows=rows, holdouts=load_holdouts(), names=names),
        decided=Decided() if rows else _decided(key=key, after=state.last_message_key),
        as_of_date=state.as_of_date,
        history=list_history(
            source_kind=source_kind,
            source_key=source_key,
            measure="margin",
            since=today - dt.timedelta(days=HISTORY_DAYS),
        ),
        choices=list_holdout_choices(source_kind=source_kind, source_key=source_key, limit=_CHOICES_SHOWN),
    )


def list_tried_versions(*, source_kind: str, source_key: str, step_key: str) -> list[TriedVersion]:
    """The live versions behind the messages of a step (or, with no step, of a source without any)."""
    given = {"kind": source_kind, "key": source_key, "step": step_key}
    return [TriedVersion(**row) for row in read_rows(statement=_TRIED, parameters=given)]


def _decided(*, key: tuple[str, str], after: int) -> Decided:
    held_by = "global" if key[0] == GLOBAL_KIND else "source"
    given = {"kind": key[0], "key": key[1], "after": after, "held_by": held_by}
    return Decided(**read_rows(statement=_DECIDED, parameters=given)[0])


def list_source_names() -> dict[tuple[str, str], SourceName]:
    """What people call journeys and campaigns, by (kind, code)."""
    rows = read_rows(statement=_NAMES, parameters={})
    return {(row["kind"], row["key"]): SourceName(row["name"], row["ready_made"]) for row in rows}


def _result(
    *,
    key: tuple[str, str],
    rows: Sequence[FigureRow],
    holdouts: Holdouts,
    names: Mapping[tuple[str, str], SourceName],
) -> Result:
    parts: dict[tuple[str, str], dict[str, FigureRow]] = {}
    for row in rows:
        parts.setdefault((row.step_key, row.variant), {})[row.measure] = row
    made = [Part(step, variant, figures) for (step, variant), figures in parts.items()]
    whole = next((one for one in made if not one.step_key and not one.variant), Part("", "", {}))
    return Result(
        source_kind=key[0],
        source_key=key[1],
        name=names.get(key, SourceName()),
        whole=whole,
        steps=[one for one in made if one.step_key and not one.variant],
        variants=[one for one in made if one.variant],
        share=holdouts.share_of(source_kind=key[0], source_key=key[1]),
        since=holdouts.since_of(source_kind=key[0], source_key=key[1]),
    )


def _order(result: Result) -> tuple[bool, float, str]:
    margin = result.whole.figures.get("margin")
    total = margin.difference * margin.treated_count if margin else 0.0
    return result.source_kind != GLOBAL_KIND, -total, result.source_key
