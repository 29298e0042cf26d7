"""Settles staged signals: rows of unknown products, categories and places are refused, and those that contradict.

Leaves the temporary view `staged_signal` until `drop_settled_signals`.
"""

import datetime as dt
from typing import Final

from reorder.domain.storage import run_sql

_KEY: Final = "kind, date, scope, key, place_code, name, known_at"
_SIGNALS: Final = """
CREATE TEMP TABLE settled_signal AS
SELECT staged.row_number, staged.kind, staged.date,
       CASE WHEN staged.sku IS NOT NULL THEN 'product' WHEN staged.category IS NOT NULL THEN 'category' ELSE 'all' END
           AS scope,
       coalesce(staged.sku, staged.category, '') AS key, coalesce(staged.place, '*') AS place_code,
       coalesce(staged.name, '') AS name, staged.number, coalesce(staged.text, '') AS text,
       coalesce(staged.known_at, %(moment)s) AS known_at,
       coalesce(staged.source, %(source)s) AS source,
       staged.sku IS NOT NULL AND product.id IS NULL AS is_product_unknown,
       staged.category IS NOT NULL AND category.id IS NULL AS is_category_unknown,
       staged.place IS NOT NULL AND staged.place <> '*' AND place.id IS NULL AS is_place_unknown,
       NULL::bigint AS repeats, false AS is_contradicting, false AS is_known_otherwise
FROM channels_stagedsignals AS staged
LEFT JOIN catalog_product AS product ON product.sku = staged.sku
LEFT JOIN catalog_category AS category ON category.code = staged.category
LEFT JOIN inventory_place AS place ON place.code = staged.place
WHERE staged.import_id = %(id)s
"""
_REPEATS: Final = f"""
UPDATE settled_signal AS later SET repeats = earlier.row_number,
       is_contradicting = earlier.number IS DISTINCT FROM later.number OR earlier.text <> later.text
FROM (SELECT DISTINCT ON ({_KEY}) {_KEY}, number, text, row_number FROM settled_signal
      ORDER BY {_KEY}, row_number) AS earlier
WHERE {" AND ".join(f"earlier.{name} = later.{name}" for name in _KEY.split(", "))}
  AND later.row_number > earlier.row_number
"""  # noqa: S608 - constants of ours
_KNOWN_OTHERWISE: Final = f"""
UPDATE settled_signal AS given SET is_known_otherwise = true
FROM planning_signal AS stands
WHERE {" AND ".join(f"stands.{name} = given.{name}" for name in _KEY.split(", "))}
  AND (stands.number IS DISTINCT FROM given.number OR stands.text <> given.text)
"""  # noqa: S608 - constants of ours
_REFUSE: Final = """
INSERT INTO channels_stagedrefusal (import_id, row_number, order_key, column_name, value, reason_code, detail)
SELECT %(id)s, row_number, NULL, fault.column_name, fault.value, fault.code, fault.detail
FROM settled_signal AS signal CROSS JOIN LATERAL (VALUES
    (signal.is_product_unknown, 'sku', signal.key, 'signal.unknown_product', ''),
    (signal.is_category_unknown, 'category', signal.key, 'signal.unknown_category', ''),
    (signal.is_place_unknown, 'place', signal.place_code, 'signal.unknown_place', ''),
    (signal.repeats IS NOT NULL AND NOT signal.is_contradicting, 'kind', signal.kind, 'row.repeated',
     signal.repeats::text),
    (signal.is_contradicting, 'value', coalesce(signal.number::text, signal.text), 'row.contradicts',
     signal.repeats::text),
    (signal.is_known_otherwise, 'known_at', signal.known_at::text, 'signal.known_otherwise', '')
) AS fault(is_wrong, column_name, value, code, detail)
WHERE fault.is_wrong
"""
_GOOD: Final = """
CREATE TEMP VIEW staged_signal AS
SELECT row_number, kind, date, scope, key, place_code, name, number, text, known_at, source FROM settled_signal
WHERE NOT (is_product_unknown OR is_category_unknown OR is_place_unknown OR is_known_otherwise) AND repeats IS NULL
"""


def settle_signals(*, import_id: int, moment: dt.datetime, source: str) -> None:
    """Refuse what nobody knows and what contradicts; leaves `staged_signal`.

    A row without a moment is known from `moment` on; one without a source has `source`.
    """
    parameters = {"id": import_id, "moment": moment, "source": source}
    for statement in (
        "ANALYZE channels_stagedsignals", _SIGNALS, _REPEATS, _KNOWN_OTHERWISE, _REFUSE, _GOOD,
    ):  # fmt: skip
        run_sql(statement=statement, parameters=parameters)


def drop_settled_signals() -> None:
    """Drop the temporary relations at the end of the transaction that settled them."""
    run_sql(statement="DROP VIEW IF EXISTS staged_signal")
    run_sql(statement="DROP TABLE IF EXISTS settled_signal")
