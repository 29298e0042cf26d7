"""The statements of `allocating`, each one whole: lock, look, decide, write.

What was locked is written whole, from what stood there under the lock: an UPDATE first tries the row as it was when the
statement began, and its checks would refuse a sum of old and new figures before it finds the newer row.
"""

from typing import Final

from reorder.domain.inventory.locks import LEVEL_ORDER

# What is wanted: units of a product at a place for a demand. The last `keep_units` of a product are for others.
_WANTED: Final = """
wanted AS (
    SELECT given.*, location.id AS location_id, location.place_id, product.goods_owner AS owner
    FROM unnest(%(demand_key)s::text[], %(cause_key)s::text[], %(product_id)s::bigint[], %(place_code)s::text[],
                %(units)s::numeric[], %(expires_from)s::date[], %(keep_units)s::numeric[])
         WITH ORDINALITY
         AS given (demand_key, cause_key, product_id, place_code, units, expires_from, keep_units, ordinal)
    JOIN inventory_location AS location ON location.code = 'stock:' || given.place_code
    JOIN catalog_product AS product ON product.id = given.product_id
)"""
_WANTED_LEVELS: Final = """
    SELECT level.id FROM wanted JOIN inventory_level AS level
        ON level.product_id = wanted.product_id AND level.location_id = wanted.location_id
           AND level.owner = wanted.owner"""
_LEVEL_COLUMNS: Final = """id, product_id, location_id, lot, expires_date, on_hand_units, allocated_units, held_units,
           on_hand_units - allocated_units - held_units AS free"""
# The levels it may come from, locked in key order; none where a hold is over that must give way first.
_LEVELS: Final = f"""
{_WANTED}, locked AS MATERIALIZED (
    SELECT {_LEVEL_COLUMNS}
    FROM inventory_level WHERE id = ANY(ARRAY({_WANTED_LEVELS})) ORDER BY {LEVEL_ORDER} FOR UPDATE
), level AS (
    SELECT locked.*, free AS units, 0::numeric AS own_units, 0::numeric AS yielded FROM locked
    WHERE NOT EXISTS (
        SELECT FROM locked AS kept JOIN inventory_hold AS hold ON hold.level_id = kept.id
        WHERE kept.held_units > 0 AND hold.expires_at <= %(now)s::timestamptz)
)"""  # noqa: S608 - made of constants only
# The same with those of the cart's own holds; the holds that give way (the cart's own, and those that are over) are
# locked after the levels and therefore as they are now. What the cart held of the kept units stays its own.
_LEVELS_WITH_HOLDS: Final = f"""
{_WANTED}, locked AS MATERIALIZED (
    SELECT {_LEVEL_COLUMNS}
    FROM inventory_level WHERE id = ANY(ARRAY({_WANTED_LEVELS}
        UNION SELECT hold.level_id FROM inventory_hold AS hold WHERE hold.hold_key = %(own_hold_key)s::text))
    ORDER BY {LEVEL_ORDER} FOR UPDATE
), yielding AS MATERIALIZED (
    SELECT hold.id, hold.level_id, hold.units, hold.hold_key
    FROM locked JOIN inventory_hold AS hold ON hold.level_id = locked.id
    WHERE hold.hold_key = %(own_hold_key)s::text OR hold.expires_at <= %(now)s::timestamptz
    FOR UPDATE OF hold
), yielded AS (
    SELECT level_id, sum(units) AS units,
           coalesce(sum(units) FILTER (WHERE hold_key = %(own_hold_key)s::text), 0) AS own_units
    FROM yielding GROUP BY level_id
), level AS (
    SELECT locked.*, locked.free + coalesce(yielded.units, 0) AS units, coalesce(yielded.own_units, 0) AS own_units,
           coalesce(yielded.units, 0) AS yielded
    FROM locked LEFT JOIN yielded ON yielded.level_id = locked.id
)"""  # noqa: S608 - made of constants only
# Lots form a ladder in the order in which they go off, wants form another, and where two rungs overlap units are taken.
_TAKEN: Final = """
rung AS MATERIALIZED (
    SELECT level.id AS level_id, level.product_id, level.location_id, level.lot, level.expires_date, level.own_units,
           sum(level.units) OVER lots - level.units AS low, sum(level.units) OVER lots AS high
    FROM level
    JOIN (SELECT product_id, location_id, max(expires_from) AS expires_from FROM wanted GROUP BY 1, 2) AS fresh
         USING (product_id, location_id)
    WHERE level.units > 0
      AND (fresh.expires_from IS NULL OR level.expires_date IS NULL OR level.expires_date >= fresh.expires_from)
    WINDOW lots AS (PARTITION BY level.product_id, level.location_id
                    ORDER BY level.expires_date NULLS LAST, level.lot, level.id)
), need AS MATERIALIZED (
    SELECT wanted.*, sum(units) OVER lines - units AS low, sum(units) OVER lines AS high,
           coalesce(greatest(ladder.high - wanted.keep_units, ladder.own_units), 0) AS top
    FROM wanted
    LEFT JOIN (SELECT product_id, location_id, max(high) AS high, sum(own_units) AS own_units FROM rung GROUP BY 1, 2)
         AS ladder USING (product_id, location_id)
    WINDOW lines AS (PARTITION BY product_id, location_id ORDER BY ordinal)
), short AS MATERIALIZED (
    SELECT demand_key, product_id, place_code, units, greatest(0, top - low) AS free FROM need WHERE high > top
), taken AS MATERIALIZED (
    SELECT need.demand_key, need.cause_key, need.product_id, need.place_id, need.place_code, need.location_id,
           need.owner, rung.level_id, rung.lot, rung.expires_date,
           sum(least(need.high, rung.high) - greatest(need.low, rung.low)) AS units
    FROM need JOIN rung USING (product_id, location_id)
    WHERE need.low < rung.high AND rung.low < need.high AND NOT EXISTS (SELECT FROM short)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
), change AS (
    SELECT level.*, coalesce(new.units, 0) AS taken
    FROM level LEFT JOIN (SELECT level_id, sum(units) AS units FROM taken GROUP BY 1) AS new ON new.level_id = level.id
    WHERE (new.units IS NOT NULL OR level.yielded > 0) AND NOT EXISTS (SELECT FROM short)
)"""

_ANSWER: Final = """
SELECT true, demand_key, product_id, place_code, lot, expires_date, units, 0::numeric FROM taken
UNION ALL SELECT false, demand_key, product_id, place_code, '', NULL, units, free FROM short
ORDER BY 2, 3, 6 NULLS LAST, 5
"""
_PROMISED: Final = f"""
moved AS (
    INSERT INTO inventory_move (idempotency_key, kind, product_id, owner, lot, expires_date, units, source_id,
                                target_id, cause_kind, cause_key, happened_at)
    SELECT encode(sha256(convert_to(concat_ws('|', %(key)s::text, 'allocate', taken.demand_key, taken.level_id),
                                    'UTF8')), 'hex'),
           'allocate', taken.product_id, taken.owner, taken.lot, taken.expires_date, taken.units,
           taken.location_id, target.id, %(cause_kind)s::text, taken.cause_key, %(now)s::timestamptz
    FROM taken JOIN inventory_location AS target ON target.place_id = taken.place_id AND target.kind = 'allocated'
    ORDER BY 1
), promised AS (
    INSERT INTO inventory_allocation AS known (demand_key, level_id, units)
    SELECT demand_key, level_id, sum(units) FROM taken GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (demand_key, level_id) DO UPDATE SET units = known.units + excluded.units
), changed AS (
    UPDATE inventory_level AS level
    SET on_hand_units = change.on_hand_units, allocated_units = change.allocated_units + change.taken,
        held_units = change.held_units - change.yielded
    FROM change WHERE level.id = change.id
)
{_ANSWER}
"""  # noqa: S608 - made of constants only

# Where no hold gives way it does what the one below does, for less work; where one would, everything is short.
ALLOCATE_FREE: Final = f"WITH {_LEVELS}, {_TAKEN}, {_PROMISED}"
ALLOCATE: Final = f"""
WITH {_LEVELS_WITH_HOLDS}, {_TAKEN}, gone AS (
    DELETE FROM inventory_hold USING yielding WHERE inventory_hold.id = yielding.id AND NOT EXISTS (SELECT FROM short)
), {_PROMISED}
"""  # noqa: S608 - made of constants only

HOLD: Final = f"""
WITH {_LEVELS_WITH_HOLDS}, {_TAKEN}, gone AS (
    DELETE FROM inventory_hold USING yielding
    WHERE inventory_hold.id = yielding.id AND NOT EXISTS (SELECT FROM short)
      AND NOT (yielding.hold_key = %(own_hold_key)s::text AND yielding.level_id IN (SELECT level_id FROM taken))
), held AS (
    INSERT INTO inventory_hold AS known (hold_key, level_id, units, expires_at)
    SELECT %(own_hold_key)s::text, level_id, sum(units), %(expires_at)s::timestamptz
    FROM taken GROUP BY level_id ORDER BY level_id
    -- What another call for this cart wrote while this one waited for the level did not yield: it stays counted.
    ON CONFLICT (hold_key, level_id) DO UPDATE
    SET units = known.units + excluded.units - coalesce((
            SELECT sum(yielding.units) FROM yielding
            WHERE yielding.level_id = known.level_id AND yielding.hold_key = known.hold_key), 0),
        expires_at = excluded.expires_at
), changed AS (
    UPDATE inventory_level AS level
    SET on_hand_units = change.on_hand_units, allocated_units = change.allocated_units,
        held_units = change.held_units + change.taken - change.yielded
    FROM change WHERE level.id = change.id
)
{_ANSWER}
"""  # noqa: S608 - made of constants only

# Holds of some carts, or those that are over; never both are given.
DROP_HOLDS: Final = f"""
WITH locked AS MATERIALIZED (
    SELECT id, on_hand_units, allocated_units, held_units FROM inventory_level WHERE id = ANY(ARRAY(
        SELECT level_id FROM (
            SELECT level_id FROM inventory_hold
            WHERE hold_key = ANY(%(hold_keys)s::text[]) OR expires_at <= %(ended_by)s::timestamptz
            ORDER BY expires_at LIMIT %(limit)s::bigint) AS found))
    ORDER BY {LEVEL_ORDER} FOR UPDATE
), over AS MATERIALIZED (
    SELECT hold.id, hold.level_id, hold.units FROM locked JOIN inventory_hold AS hold ON hold.level_id = locked.id
    WHERE hold.hold_key = ANY(%(hold_keys)s::text[]) OR hold.expires_at <= %(ended_by)s::timestamptz
    FOR UPDATE OF hold
), gone AS (
    DELETE FROM inventory_hold USING over WHERE inventory_hold.id = over.id
), changed AS (
    UPDATE inventory_level AS level
    SET on_hand_units = locked.on_hand_units, allocated_units = locked.allocated_units,
        held_units = locked.held_units - freed.units
    FROM (SELECT level_id, sum(units) AS units FROM over GROUP BY 1) AS freed JOIN locked ON locked.id = freed.level_id
    WHERE level.id = freed.level_id
)
SELECT count(*) FROM over
"""  # noqa: S608 - made of constants only

# Allocated units in the order in which they leave their promise: by where they are (on the shelf or picked), then by
# lot, those that go off last first when they are given back and first otherwise.
SETTLE: Final = f"""
WITH wanted AS (
    SELECT demand_key, product_id, only_at, only_lot, CASE WHEN every(units IS NOT NULL) THEN sum(units) END AS units,
           row_number() OVER () AS turn
    FROM unnest(%(demand_key)s::text[], %(product_id)s::bigint[], %(units)s::numeric[], %(place_code)s::text[],
                %(lot)s::text[])
         AS given (demand_key, product_id, units, only_at, only_lot)
    GROUP BY demand_key, product_id, only_at, only_lot
), locked AS MATERIALIZED (
    SELECT id, product_id, location_id, owner, lot, expires_date, on_hand_units, allocated_units, held_units
    FROM inventory_level WHERE id = ANY(ARRAY(
        SELECT level_id FROM inventory_allocation WHERE demand_key = ANY(%(demand_key)s::text[])))
    ORDER BY {LEVEL_ORDER} FOR UPDATE
), mine AS MATERIALIZED (
    SELECT known.id, known.demand_key, known.level_id, known.units, known.picked_units, locked.product_id,
           locked.location_id, locked.owner, locked.lot, locked.expires_date
    FROM locked JOIN inventory_allocation AS known ON known.level_id = locked.id
    WHERE known.demand_key = ANY(%(demand_key)s::text[])
    FOR UPDATE OF known
), part AS (
    SELECT mine.*, place.id AS place_id, place.code AS place_code, wanted.turn AS wanted_turn,
           wanted.units AS wanted_units, side.kind AS side, array_position(%(sources)s::text[], side.kind) AS turn,
           CASE side.kind WHEN 'picked' THEN mine.picked_units ELSE mine.units - mine.picked_units END AS part_units
    FROM mine
    JOIN inventory_location AS location ON location.id = mine.location_id
    JOIN inventory_place AS place ON place.id = location.place_id
    JOIN wanted ON wanted.demand_key = mine.demand_key AND wanted.product_id = mine.product_id
                   AND wanted.only_at IN ('', place.code) AND coalesce(wanted.only_lot = mine.lot, true)
    CROSS JOIN unnest(%(sources)s::text[]) AS side (kind)
), ladder AS (
    SELECT part.*, sum(part_units) OVER parts - part_units AS low, sum(part_units) OVER parts AS high
    FROM part WHERE part_units > 0
    WINDOW parts AS (
        PARTITION BY wanted_turn
        ORDER BY turn, CASE WHEN %(kind)s::text = 'release' THEN expires_date END DESC NULLS FIRST,
                 CASE WHEN %(kind)s::text <> 'release' THEN expires_date END NULLS LAST, lot, level_id)
), taken AS MATERIALIZED (
    SELECT ladder.*, least(ladder.high, coalesce(ladder.wanted_units, ladder.high)) - ladder.low AS moved_units
    FROM ladder WHERE ladder.low < coalesce(ladder.wanted_units, ladder.high)
), moved AS (
    INSERT INTO inventory_move (idempotency_key, kind, product_id, owner, lot, expires_date, units, source_id,
                                target_id, cause_kind, cause_key, happened_at)
    SELECT encode(sha256(convert_to(concat_ws('|', %(key)s::text, %(kind)s::text, taken.demand_key, taken.level_id,
                                              taken.side), 'UTF8')), 'hex'),
           %(move_kind)s::text, taken.product_id, taken.owner, taken.lot, taken.expires_date, taken.moved_units,
           source.id, target.id, %(cause_kind)s::text, %(cause_key)s::text, %(now)s::timestamptz
    FROM taken
    JOIN inventory_location AS source ON source.place_id = taken.place_id AND source.kind = taken.side
    JOIN inventory_location AS target ON target.kind = %(target)s::text
         AND (target.place_id = taken.place_id OR target.place_id IS NULL)
    ORDER BY 1
), summed AS MATERIALIZED (
    SELECT id, level_id, min(units) AS units, min(picked_units) AS picked_units, sum(moved_units) AS moved_units,
           coalesce(sum(moved_units) FILTER (WHERE side = 'picked'), 0) AS from_picked_units
    FROM taken GROUP BY id, level_id
), ended AS (
    DELETE FROM inventory_allocation AS known USING summed
    WHERE known.id = summed.id AND NOT %(keeps)s::boolean AND summed.moved_units = summed.units
), shrunk AS (
    UPDATE inventory_allocation AS known
    SET units = summed.units - CASE WHEN %(keeps)s::boolean THEN 0 ELSE summed.moved_units END,
        picked_units = summed.picked_units - summed.from_picked_units
                       + CASE WHEN %(kind)s::text = 'pick' THEN summed.moved_units ELSE 0 END
    FROM summed
    WHERE known.id = summed.id AND (%(keeps)s::boolean OR summed.moved_units < summed.units)
), changed AS (
    UPDATE inventory_level AS level
    SET on_hand_units = locked.on_hand_units - CASE WHEN %(kind)s::text = 'ship' THEN freed.units ELSE 0 END,
        allocated_units = locked.allocated_units - freed.units, held_units = locked.held_units
    FROM (SELECT level_id, sum(moved_units) AS units FROM summed GROUP BY 1) AS freed
    JOIN locked ON locked.id = freed.level_id
    WHERE level.id = freed.level_id AND NOT %(keeps)s::boolean
)
SELECT demand_key, product_id, place_code, lot, expires_date, sum(moved_units) FROM taken
GROUP BY demand_key, product_id, place_code, lot, expires_date ORDER BY 1, 2, 5 NULLS LAST, 4
"""  # noqa: S608 - made of constants only
