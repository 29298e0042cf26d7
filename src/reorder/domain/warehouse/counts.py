"""Counts of bins: asked for, taken, entered, decided; a bin has at most one that is not finished.

Lock order: stock levels, then bins, then counts. What was counted is never changed; a second count is a new round.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from reorder.domain.storage import fetch_prepared, run_sql
from reorder.domain.warehouse.errors import CountMovedOn, UnknownBin, UnknownCount

CountCause = Literal["cycle", "zero", "short", "asked", "follow"]

# A count of one product that is wanted for another one, too, becomes a count of the whole bin. The cause of a task that
# was only planned gives way to a reason: what happened there matters more than that it was its turn.
_ASK: Final = """
WITH given AS (
    SELECT bin.id AS bin_id, bin.place_id, bin.code FROM warehouse_bin AS bin WHERE bin.code = %(bin_code)s::text
), asked AS (
    INSERT INTO warehouse_counttask AS known (place_id, bin_id, product_id, cause, due_on, asked_by)
    SELECT place_id, bin_id, %(product_id)s::bigint, %(cause)s::text, %(due_on)s::date, %(asked_by)s::text FROM given
    ON CONFLICT (bin_id) WHERE state IN ('open', 'counting', 'counted') DO UPDATE
    SET due_on = CASE WHEN known.state = 'open' THEN least(known.due_on, excluded.due_on) ELSE known.due_on END,
        cause = CASE WHEN known.state = 'open' AND known.cause = 'cycle' THEN excluded.cause ELSE known.cause END,
        product_id = CASE WHEN known.state = 'counted' OR known.product_id IS NOT DISTINCT FROM excluded.product_id
                          THEN known.product_id END
    RETURNING id, state, xmax = 0 AS is_new
)
SELECT asked.id, given.code, asked.state, asked.is_new FROM given JOIN asked ON true
"""
_FIND: Final = """
SELECT task.id, place.code, bin.code, task.bin_id, task.product_id, task.cause, task.due_on, task.state, task.round,
       task.not_by, task.assigned_to, task.counted_by, task.counted_at, task.started_at, task.outcome
FROM warehouse_counttask AS task JOIN warehouse_bin AS bin ON bin.id = task.bin_id
JOIN inventory_place AS place ON place.id = task.place_id
WHERE task.id = %(task_id)s::bigint
"""
_LOCK: Final = f"{_FIND} FOR UPDATE OF task"
# What stands in a bin by the records, beside what was counted of it in this round; the last entry of some goods holds.
# What moved by count or followed the stock since an entry was booked of it already: no hand moved that. What came late
# belongs to before the count.
_GOODS: Final = """
WITH entry AS (
    SELECT DISTINCT ON (entry.product_id, entry.owner, entry.lot) entry.*
    FROM warehouse_countentry AS entry WHERE entry.task_id = %(task_id)s::bigint AND entry.round = %(round)s::int
    ORDER BY entry.product_id, entry.owner, entry.lot, entry.id DESC
), stock AS (
    SELECT stock.* FROM warehouse_binstock AS stock JOIN warehouse_counttask AS task ON task.bin_id = stock.bin_id
    WHERE task.id = %(task_id)s::bigint AND (task.product_id IS NULL OR stock.product_id = task.product_id)
)
SELECT product_id, product.sku, product.name, owner, lot, coalesce(stock.expires_date, entry.expires_date),
       coalesce(stock.units, 0), entry.id, entry.counted_units, entry.expected_units, entry.moved_units,
       entry.variance_units, entry.variance_minor, entry.counted_by, entry.counted_at,
       coalesce(since.booked_units, 0), coalesce(since.late_count, 0), product.unit_cost_minor, product.currency
FROM entry FULL JOIN stock USING (product_id, owner, lot)
JOIN catalog_product AS product ON product.id = product_id
LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN move.target_id = task.bin_id THEN move.units ELSE -move.units END)
               FILTER (WHERE move.kind IN ('count', 'follow')) AS booked_units,
           count(*) FILTER (WHERE move.kind NOT IN ('count', 'follow') AND move.happened_at <= entry.counted_at)
               AS late_count
    FROM warehouse_counttask AS task
    JOIN warehouse_binmove AS move ON task.bin_id IN (move.source_id, move.target_id)
    WHERE task.id = entry.task_id AND move.product_id = entry.product_id AND move.owner = entry.owner
      AND move.lot = entry.lot AND move.recorded_at > entry.recorded_at
) AS since ON entry.id IS NOT NULL
ORDER BY product.sku, owner, coalesce(stock.expires_date, entry.expires_date) NULLS LAST, lot
"""
_ENTER: Final = """
WITH moved AS (
    SELECT coalesce(sum(CASE WHEN move.target_id = %(bin_id)s::bigint THEN move.units ELSE -move.units END), 0) AS units
    FROM warehouse_binmove AS move
    WHERE %(bin_id)s::bigint IN (move.source_id, move.target_id) AND move.product_id = %(product_id)s::bigint
      AND move.owner = %(owner)s::text AND move.lot = %(lot)s::text AND move.happened_at > %(counted_at)s::timestamptz
      AND move.kind NOT IN ('count', 'follow')
), expected AS (
    SELECT coalesce(sum(stock.units), 0) AS units FROM warehouse_binstock AS stock
    WHERE stock.bin_id = %(bin_id)s::bigint AND stock.product_id = %(product_id)s::bigint
      AND stock.owner = %(owner)s::text AND stock.lot = %(lot)s::text
), figure AS (
    SELECT expected.units AS expected, moved.units AS moved,
           %(counted_units)s::numeric + moved.units - expected.units AS variance, product.unit_cost_minor
    FROM moved, expected, catalog_product AS product WHERE product.id = %(product_id)s::bigint
)
INSERT INTO warehouse_countentry (task_id, idempotency_key, round, product_id, owner, lot, expires_date, counted_units,
                                  expected_units, moved_units, variance_units, variance_minor, counted_by, counted_at,
                                  recorded_at)
SELECT %(task_id)s::bigint, %(key)s::text, %(round)s::int, %(product_id)s::bigint, %(owner)s::text, %(lot)s::text,
       %(expires_date)s::date, %(counted_units)s::numeric, expected, moved, variance, round(variance * unit_cost_minor),
       %(counted_by)s::text, %(counted_at)s::timestamptz, clock_timestamp()
FROM figure
ON CONFLICT (idempotency_key) DO NOTHING
RETURNING id
"""
_ELSEWHERE: Final = """
SELECT bin.code, stock.units FROM warehouse_binstock AS stock JOIN warehouse_bin AS bin ON bin.id = stock.bin_id
JOIN inventory_place AS place ON place.id = bin.place_id
WHERE place.code = %(place_code)s::text AND stock.product_id = %(product_id)s::bigint AND stock.owner = %(owner)s::text
  AND stock.lot = %(lot)s::text AND stock.bin_id <> %(bin_id)s::bigint
ORDER BY stock.units DESC, bin.code
"""


@dataclass(frozen=True, slots=True)
class BinUnits:
    """Units of some goods that a bin holds by the records."""

    bin_code: str
    units: Decimal


@dataclass(frozen=True, slots=True)
class AskedCount:
    """The unfinished count of a bin; `is_new` unless it was there before."""

    task_id: int
    bin_code: str
    state: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class CountRow:
    """A count as it stands; `product_id` limits it to one product, `not_by` counted the round before."""

    id: int
    place_code: str
    bin_code: str
    bin_id: int
    product_id: int | None
    cause: str
    due_on: dt.date
    state: str
    round: int
    not_by: str
    assigned_to: str
    counted_by: str
    counted_at: dt.datetime | None
    started_at: dt.datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class CountedGoods:
    """Goods of a bin: what the records say now, and what was counted in this round (`entry_id` None: nothing yet).

    `booked_units` were booked by counts since the entry; `late_count` moves arrived since that happened before it.
    """

    product_id: int
    sku: str
    name: str
    owner: str
    lot: str
    expires_date: dt.date | None
    recorded_units: Decimal
    entry_id: int | None
    counted_units: Decimal | None
    expected_units: Decimal | None
    moved_units: Decimal | None
    variance_units: Decimal | None
    variance_minor: int | None
    counted_by: str | None
    counted_at: dt.datetime | None
    booked_units: Decimal
    late_count: int
    unit_cost_minor: int | None
    currency: str

    @property
    def open_units(self) -> Decimal:
        """What is still to be booked of the variance."""
        return (self.variance_units or Decimal(0)) - self.booked_units


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """What somebody counted of some goods in the bin of a count that the caller holds."""

    key: str
    task: CountRow
    product_id: int
    owner: str
    lot: str
    expires_date: dt.date | None
    counted_units: Decimal
    counted_by: str
    counted_at: dt.datetime


def ask_for_count(
    *, bin_code: str, cause: CountCause, due_on: dt.date, asked_by: str, product_id: int | None = None
) -> AskedCount:
    """Have a bin counted, or one product of it; a count that is open already is hastened. Raises UnknownBin."""
    given = {
        "bin_code": bin_code,
        "cause": cause,
        "due_on": due_on,
        "asked_by": asked_by,
        "product_id": product_id,
    }
    rows = fetch_prepared(statement=_ASK, parameters=given)
    if not rows:
        raise UnknownBin(bin=bin_code)
    return AskedCount(*rows[0])


def get_count(*, task_id: int) -> CountRow:
    """A count as it stands. Raises UnknownCount."""
    return _one(_FIND, task_id=task_id)


def lock_count(*, task_id: int) -> CountRow:
    """A count that nobody else changes until the transaction ends; levels and bins are locked before. UnknownCount."""
    return _one(_LOCK, task_id=task_id)


def list_goods(*, task: CountRow) -> list[CountedGoods]:
    """What the records say of the bin of a count, beside what was counted of it in the present round, by SKU."""
    return [
        CountedGoods(*row)
        for row in fetch_prepared(statement=_GOODS, parameters={"task_id": task.id, "round": task.round})
    ]


def list_elsewhere(*, task: CountRow, goods: CountedGoods) -> list[BinUnits]:
    """Other bins of the place that hold the same product, owner and lot by the records, the fullest first."""
    given = {
        "place_code": task.place_code,
        "product_id": goods.product_id,
        "owner": goods.owner,
        "lot": goods.lot,
        "bin_id": task.bin_id,
    }
    return [BinUnits(*row) for row in fetch_prepared(statement=_ELSEWHERE, parameters=given)]


def enter_units(*, entry: NewEntry) -> bool:
    """Append what was counted beside what the bin should hold now; False when this entry was there before.

    The caller holds the levels of the product, the bin and the count. What moved since the look at the shelf is taken
    into account.
    """
    given = {
        "task_id": entry.task.id,
        "bin_id": entry.task.bin_id,
        "round": entry.task.round,
        "key": entry.key,
        "product_id": entry.product_id,
        "owner": entry.owner,
        "lot": entry.lot,
        "expires_date": entry.expires_date,
        "counted_units": entry.counted_units,
        "counted_by": entry.counted_by,
        "counted_at": entry.counted_at,
    }
    return bool(fetch_prepared(statement=_ENTER, parameters=given))


def lock_bin(*, bin_id: int) -> None:
    """Hold a bin until the transaction ends: nothing goes in or comes out meanwhile."""
    run_sql(statement="SELECT id FROM warehouse_bin WHERE id = %s FOR UPDATE", parameters=[bin_id])


def start_count(*, task: CountRow, actor: str, moment: dt.datetime) -> None:
    """Somebody stands before the bin; the caller holds the count."""
    _change(
        task=task,
        from_states=("open", "counting"),
        wanted="counting",
        assignments="state = 'counting', assigned_to = %(actor)s, started_at = coalesce(started_at, %(moment)s)",
        values={"actor": actor, "moment": moment},
    )


def count_again(*, task: CountRow, not_by: str, note: str, due_on: dt.date) -> None:
    """Have the bin counted once more, by somebody else than `not_by` where one is named; the caller holds the count."""
    _change(
        task=task,
        from_states=("counting", "counted"),
        wanted="counting",
        assignments="""state = 'open', round = round + 1, not_by = %(not_by)s, assigned_to = '', started_at = NULL,
                       counted_by = '', counted_at = NULL, outcome = '', note = %(note)s, due_on = %(due_on)s""",
        values={"not_by": not_by, "note": note, "due_on": due_on},
    )


def wait_for_approval(*, task: CountRow, counted_by: str, outcome: str, moment: dt.datetime) -> None:
    """The count differs, and a person decides; `outcome` says why. The caller holds the count."""
    _change(
        task=task,
        from_states=("counting", "counted"),
        wanted="counting",
        assignments="""state = 'counted', counted_by = %(counted_by)s, counted_at = coalesce(counted_at, %(moment)s),
                       outcome = %(outcome)s""",
        values={"counted_by": counted_by, "moment": moment, "outcome": outcome},
    )


def finish_count(
    *, task: CountRow, state: str, counted_by: str, decided_by: str, outcome: str, note: str, moment: dt.datetime
) -> None:
    """The count is over: approved or rejected; the caller holds it and has booked what it came to."""
    _change(
        task=task,
        from_states=("counting", "counted"),
        wanted="deciding",
        assignments="""state = %(state)s, counted_by = %(counted_by)s, counted_at = coalesce(counted_at, %(moment)s),
                       decided_by = %(decided_by)s, decided_at = %(moment)s, outcome = %(outcome)s, note = %(note)s""",
        values={
            "state": state,
            "counted_by": counted_by,
            "decided_by": decided_by,
            "outcome": outcome,
            "note": note,
            "moment": moment,
        },
    )


def cancel_count(*, task: CountRow, actor: str, note: str, moment: dt.datetime) -> None:
    """Nobody counts this bin for now; the caller holds the count. Raises CountMovedOn."""
    _change(
        task=task,
        from_states=("open", "counting"),
        wanted="cancelling",
        assignments="state = 'cancelled', decided_by = %(actor)s, decided_at = %(moment)s, note = %(note)s",
        values={"actor": actor, "note": note, "moment": moment},
    )


def assign_count(*, task: CountRow, assigned_to: str) -> None:
    """Give a count that is not finished to somebody, or to nobody; the caller holds it. Raises CountMovedOn."""
    _change(
        task=task,
        from_states=("open", "counting"),
        wanted="counting",
        assignments="""assigned_to = %(assigned_to)s,
                       state = CASE WHEN assigned_to = %(assigned_to)s THEN state ELSE 'open' END""",
        values={"assigned_to": assigned_to},
    )


def _change(
    *, task: CountRow, from_states: Sequence[str], wanted: str, assignments: str, values: dict[str, object]
) -> None:
    touched = run_sql(
        statement=f"UPDATE warehouse_counttask SET {assignments} WHERE id = %(id)s AND state = ANY(%(from_states)s)",  # noqa: S608 - parts of ours
        parameters=values | {"id": task.id, "from_states": list(from_states)},
    )
    if not touched:
        raise CountMovedOn(bin=task.bin_code, state=task.state, wanted=wanted)


def _one(statement: str, *, task_id: int) -> CountRow:
    rows = fetch_prepared(statement=statement, parameters={"task_id": task_id})
    if not rows:
        raise UnknownCount(count=task_id)
    return CountRow(*rows[0])
