"""Staging tables of imports: UNLOGGED, because their rows come from a file that can be read again.

PostgreSQL empties them after a crash; an import that finds fewer rows than it copied starts over.
"""

from django.db import migrations, models

CREATE = """
CREATE UNLOGGED TABLE channels_stagedorders (
    import_id bigint NOT NULL, row_number bigint NOT NULL, row_part integer NOT NULL, block_row bigint NOT NULL,
    order_key text NOT NULL, line_key text, customer_key text NOT NULL,
    customer_name text, email text, accepts_marketing boolean, language text, country text, postcode text,
    ordered_at timestamptz NOT NULL, currency text NOT NULL, is_cancelled boolean NOT NULL,
    sku text NOT NULL, product_name text, category text, units_milli bigint NOT NULL,
    unit_price_minor bigint, place text
);
CREATE UNLOGGED TABLE channels_stagedproducts (
    import_id bigint NOT NULL, row_number bigint NOT NULL, sku text NOT NULL, name text, brand text,
    category text, barcode text, currency text NOT NULL, price_minor bigint,
    unit_cost_minor bigint, weight_grams bigint, length_mm bigint, width_mm bigint, height_mm bigint,
    temperature_class text, hazard_class text, is_oversize boolean, shelf_life_days bigint, planned_by text,
    state text, supplier text, supplier_name text, supplier_email text, supplier_sku text,
    lead_days bigint, pack_milli bigint, minimum_milli bigint, order_weekdays text
);
CREATE UNLOGGED TABLE channels_stagedstock (
    import_id bigint NOT NULL, row_number bigint NOT NULL, sku text NOT NULL, place text,
    on_hand_milli bigint NOT NULL, lot text, expires_date date
);
CREATE UNLOGGED TABLE channels_stagedrefusal (
    import_id bigint NOT NULL, row_number bigint NOT NULL, order_key text, column_name text NOT NULL,
    value text, reason_code text NOT NULL, detail text NOT NULL
);
"""
DROP = """
DROP TABLE channels_stagedorders; DROP TABLE channels_stagedproducts; DROP TABLE channels_stagedstock;
DROP TABLE channels_stagedrefusal;
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0001_initial")]
    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.AddField("importfile", "last_row", models.BigIntegerField(default=0, db_default=0)),
        migrations.AddField("importfile", "rows_staged", models.BigIntegerField(default=0, db_default=0)),
        migrations.AddField("importfile", "counts", models.JSONField(default=dict, db_default={})),
    ]
