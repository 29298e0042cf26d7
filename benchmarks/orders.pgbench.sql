-- The rows that placing an order of three lines writes, by plain statements, a round trip each.
\set p1 :first_product + random(0, :products - 1)
\set p2 :first_product + :products + random(0, :products - 1)
\set p3 :first_product + 2 * :products + random(0, :products - 1)
\set customer :first_customer + random(0, :customers - 1)
\set number random(1, 1000000000000)
BEGIN;
WITH locked AS (SELECT id FROM inventory_level WHERE product_id IN (:p1, :p2, :p3) AND location_id = :stock ORDER BY product_id FOR UPDATE) UPDATE inventory_level AS level SET allocated_units = level.allocated_units + 1 FROM locked WHERE level.id = locked.id;
INSERT INTO customers_address (customer_id, content_hash, name, country) VALUES (:customer, :number::text, 'Reader', 'TW') ON CONFLICT DO NOTHING;
INSERT INTO orders_order (channel, external_id, customer_id, ordered_at, currency, content_hash, goods_minor, total_minor, fulfilment, state, payment_state, paid_minor) VALUES ('pgbench', :number::text || '-' || :client_id::text, :customer, now(), 'TWD', 'x', 135000, 135000, 'reorder', 'allocated', 'paid', 135000) RETURNING id AS order_id \gset
INSERT INTO orders_orderline (order_id, line_key, product_id, units, unit_price_minor) VALUES (:order_id, '1', :p1, 1, 45000), (:order_id, '2', :p2, 1, 45000), (:order_id, '3', :p3, 1, 45000);
INSERT INTO orders_orderevent (order_id, kind, happened_at, actor, via, from_state, to_state) VALUES (:order_id, 'placed', now(), 'pgbench', 'api', '', 'placed'), (:order_id, 'allocated', now(), 'pgbench', 'api', 'placed', 'allocated');
INSERT INTO inventory_move (idempotency_key, kind, product_id, units, source_id, target_id, cause_kind, cause_key, happened_at) SELECT 'pgb-' || :order_id::text || '-' || product_id, 'allocate', product_id, 1, :stock, :allocated, 'order', :order_id::text, now() FROM unnest(ARRAY[:p1::bigint, :p2::bigint, :p3::bigint]) AS product_id;
INSERT INTO inventory_allocation (demand_key, level_id, units) SELECT 'pgbench:' || :order_id::text, id, 1 FROM inventory_level WHERE product_id IN (:p1, :p2, :p3) AND location_id = :stock;
INSERT INTO warehouse_fulfilmentorder (order_id, place_id, state) VALUES (:order_id, :place, 'allocated') RETURNING id AS fulfilment_id \gset
INSERT INTO warehouse_fulfilmentline (fulfilment_id, order_line_id, product_id, units) SELECT :fulfilment_id, id, product_id, units FROM orders_orderline WHERE order_id = :order_id;
INSERT INTO warehouse_routingdecision (order_id, decided_at, cause, places, candidates, reason) VALUES (:order_id, now(), 'placed', '{}', '[]', 'pgbench');
INSERT INTO planning_dirtymark (kind, subject_key) VALUES ('customer', :customer::text) ON CONFLICT (kind, subject_key) DO UPDATE SET marked_at = now();
INSERT INTO planning_dirtymark (kind, subject_key) VALUES ('day', current_date::text || '|' || (pg_backend_pid() % 16)::text) ON CONFLICT (kind, subject_key) DO UPDATE SET marked_at = now();
INSERT INTO planning_dirtymark (kind, subject_key) SELECT 'position', product_id::text || '|P' FROM unnest(ARRAY[:p1::bigint, :p2::bigint, :p3::bigint]) AS product_id ORDER BY product_id ON CONFLICT (kind, subject_key) DO UPDATE SET marked_at = now();
COMMIT;
