"""Allocations, holds and backorders: what of the stock is promised, and to whom."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# A place's promised and picked goods are locations of their own; a lot's day stands on its level from now on. Levels
# change with every order, so their pages keep room for the next version of a row.
PREPARE = """
INSERT INTO inventory_location (code, kind, place_id)
SELECT part.kind || ':' || place.code, part.kind, place.id
FROM inventory_place AS place, unnest(ARRAY['allocated', 'picked']) AS part(kind) ORDER BY place.id, part.kind
ON CONFLICT (code) DO NOTHING;
UPDATE inventory_level AS level SET expires_date = known.expires_date
FROM (SELECT product_id, lot, max(expires_date) AS expires_date FROM inventory_move
      WHERE lot <> '' AND expires_date IS NOT NULL GROUP BY product_id, lot) AS known
WHERE level.product_id = known.product_id AND level.lot = known.lot;
ALTER TABLE inventory_level SET (fillfactor = 70);
ALTER TABLE inventory_allocation SET (fillfactor = 80);
"""
NOTHING = "ALTER TABLE inventory_level RESET (fillfactor);"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_append_only"), ("catalog", "0005_units_of_measure")]
    operations = [
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("demand_key", models.TextField()),
                ("units", models.DecimalField(decimal_places=3, max_digits=14)),
                ("picked_units", models.DecimalField(db_default=0, decimal_places=3, default=0, max_digits=14)),
            ],
        ),
        migrations.CreateModel(
            name="Backorder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("demand_key", models.TextField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("backorder", "Backorder"), ("preorder", "Preorder")],
                        db_default="backorder",
                        default="backorder",
                        max_length=12,
                    ),
                ),
                ("units", models.DecimalField(decimal_places=3, max_digits=14)),
                ("promised_date", models.DateField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hold_key", models.TextField()),
                ("units", models.DecimalField(decimal_places=3, max_digits=14)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="location",
            name="location_of_goods_has_place",
        ),
        migrations.AddField(
            model_name="level",
            name="expires_date",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="location",
            name="kind",
            field=models.CharField(
                choices=[
                    ("stock", "Stock"),
                    ("incoming", "Incoming"),
                    ("allocated", "Allocated"),
                    ("picked", "Picked"),
                    ("supplier", "Supplier"),
                    ("customer", "Customer"),
                    ("adjustment", "Adjustment"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="move",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opening", "Opening"),
                    ("on_order", "On Order"),
                    ("receipt", "Receipt"),
                    ("allocate", "Allocate"),
                    ("release", "Release"),
                    ("pick", "Pick"),
                    ("ship", "Ship"),
                    ("return", "Return"),
                    ("adjust", "Adjust"),
                    ("count", "Count"),
                    ("transfer", "Transfer"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["stock", "incoming", "allocated", "picked"]), ("place__isnull", False)),
                    models.Q(("kind__in", ["supplier", "customer", "adjustment"]), ("place__isnull", True)),
                    _connector="OR",
                ),
                name="location_of_goods_has_place",
            ),
        ),
        migrations.AddField(
            model_name="allocation",
            name="level",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="allocations", to="inventory.level"
            ),
        ),
        migrations.AddField(
            model_name="backorder",
            name="place",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.place"
            ),
        ),
        migrations.AddField(
            model_name="backorder",
            name="product",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="level",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="holds", to="inventory.level"
            ),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.UniqueConstraint(fields=("demand_key", "level"), name="allocation_once"),
        ),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("picked_units__gte", 0), ("units__gt", 0), ("units__gte", models.F("picked_units"))
                ),
                name="allocation_picked_within_units",
            ),
        ),
        migrations.AddIndex(
            model_name="backorder",
            index=models.Index(fields=["product", "place", "created_at"], name="backorder_queue"),
        ),
        migrations.AddConstraint(
            model_name="backorder",
            constraint=models.UniqueConstraint(fields=("demand_key", "product"), name="backorder_once"),
        ),
        migrations.AddConstraint(
            model_name="backorder",
            constraint=models.CheckConstraint(condition=models.Q(("units__gt", 0)), name="backorder_units_positive"),
        ),
        migrations.AddConstraint(
            model_name="backorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["backorder", "preorder"])), name="backorder_kind_known"
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["expires_at"], name="hold_expiry"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(fields=("hold_key", "level"), name="hold_once"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(condition=models.Q(("units__gt", 0)), name="hold_units_positive"),
        ),
        migrations.RunSQL(PREPARE, NOTHING),
    ]
