"""Waves, pick batches and pick lines."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_fractions"),
        ("inventory", "0005_reserves"),
        ("orders", "0007_find_by_product"),
        ("warehouse", "0005_layout"),
    ]

    operations = [
        migrations.CreateModel(
            name="Wave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("released", "Released"),
                            ("picking", "Picking"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_default="planned",
                        default="planned",
                        max_length=9,
                    ),
                ),
                ("cut_off_at", models.DateTimeField(blank=True, null=True)),
                ("temperature_class", models.CharField(db_default="ambient", default="ambient", max_length=8)),
                ("is_express", models.BooleanField(db_default=False, default=False)),
                (
                    "criteria",
                    models.JSONField(
                        db_default={}, default=dict, help_text="What the proposal asked for, to be read later."
                    ),
                ),
                (
                    "left_back",
                    models.JSONField(
                        db_default=[], default=list, help_text="Orders that could not be released, and why."
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("created_by", models.TextField()),
                ("release_asked_at", models.DateTimeField(blank=True, null=True)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "place",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.place",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PickBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(help_text="Within the wave.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("picking", "Picking"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_default="open",
                        default="open",
                        max_length=9,
                    ),
                ),
                (
                    "kind",
                    models.CharField(db_default="cart", default="cart", help_text="cart or singles.", max_length=7),
                ),
                ("assigned_to", models.TextField(blank=True, db_default="", default="")),
                (
                    "totes",
                    models.PositiveSmallIntegerField(
                        db_default=0, default=0, help_text="Positions used; 0: one tote for all."
                    ),
                ),
                (
                    "walk",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        db_default=[],
                        default=list,
                        help_text="Bin codes in walking order.",
                        size=None,
                    ),
                ),
                ("length_mm", models.PositiveIntegerField(blank=True, null=True)),
                ("by_name_length_mm", models.PositiveIntegerField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "wave",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batches",
                        to="warehouse.wave",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WaveParcel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tote",
                    models.PositiveSmallIntegerField(
                        db_default=0, default=0, help_text="Position on the cart; 0: none."
                    ),
                ),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                ("left_why", models.TextField(blank=True, db_default="", default="")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="parcels",
                        to="warehouse.pickbatch",
                    ),
                ),
                (
                    "fulfilment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="warehouse.fulfilmentorder",
                    ),
                ),
                (
                    "wave",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parcels",
                        to="warehouse.wave",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WaveSetting",
            fields=[
                (
                    "place",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="wave_setting",
                        serialize=False,
                        to="inventory.place",
                    ),
                ),
                (
                    "cart_totes",
                    models.PositiveSmallIntegerField(db_default=12, default=12, help_text="Tote positions of a cart."),
                ),
                (
                    "tote_units",
                    models.PositiveIntegerField(
                        db_default=20, default=20, help_text="Selling units that a tote takes."
                    ),
                ),
                (
                    "wave_orders",
                    models.PositiveIntegerField(
                        db_default=1000, default=1000, help_text="Parcels of one wave at most."
                    ),
                ),
                (
                    "lead_minutes",
                    models.PositiveIntegerField(
                        db_default=240, default=240, help_text="How long before its cut-off a wave is proposed first."
                    ),
                ),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_by", models.TextField(blank=True, db_default="", default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("cart_totes__gte", 1), ("tote_units__gte", 1), ("wave_orders__gte", 1)),
                        name="wave_setting_carts_hold_something",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PickLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.TextField(db_default="self", default="self")),
                ("lot", models.TextField(blank=True, db_default="", default="")),
                ("expires_date", models.DateField(blank=True, null=True)),
                ("units", models.DecimalField(decimal_places=3, max_digits=14)),
                ("picked_units", models.DecimalField(db_default=0, decimal_places=3, default=0, max_digits=14)),
                ("sequence", models.PositiveIntegerField(help_text="Within the batch, in walking order.")),
                ("tote", models.PositiveSmallIntegerField(db_default=0, default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("picked", "Picked"),
                            ("short", "Short"),
                            ("moved", "Moved"),
                            ("dropped", "Dropped"),
                        ],
                        db_default="open",
                        default="open",
                        max_length=7,
                    ),
                ),
                (
                    "why",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Why it is short, moved or dropped."
                    ),
                ),
                ("bin_seen_at", models.DateTimeField(blank=True, null=True)),
                ("product_seen_at", models.DateTimeField(blank=True, null=True)),
                ("counted_units", models.DecimalField(blank=True, decimal_places=3, max_digits=14, null=True)),
                ("picked_by", models.TextField(blank=True, db_default="", default="")),
                ("picked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="warehouse.pickbatch",
                    ),
                ),
                (
                    "bin",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehouse.bin",
                    ),
                ),
                (
                    "fulfilment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="warehouse.fulfilmentorder"
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="orders.orderline",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["batch", "sequence", "id"], name="pick_line_of_batch"),
                    models.Index(
                        condition=models.Q(("state", "picked")),
                        fields=["picked_by", "picked_at"],
                        name="pick_line_by_person",
                    ),
                    models.Index(condition=models.Q(("state", "open")), fields=["bin"], name="pick_line_of_bin"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "picked", "short", "moved", "dropped"])),
                        name="pick_line_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("picked_units__gte", 0), ("picked_units__lte", models.F("units")), ("units__gt", 0)
                        ),
                        name="pick_line_units_in_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "picked"), _negated=True),
                            models.Q(("picked_at__isnull", False), ("picked_units__gt", 0)),
                            _connector="OR",
                        ),
                        name="pick_line_picked_has_moment",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="wave",
            index=models.Index(
                condition=models.Q(("state__in", ["done", "cancelled"]), _negated=True),
                fields=["place", "cut_off_at", "id"],
                name="wave_live_at_place",
            ),
        ),
        migrations.AddIndex(
            model_name="wave",
            index=models.Index(fields=["place", "-id"], name="wave_of_place"),
        ),
        migrations.AddConstraint(
            model_name="wave",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["planned", "released", "picking", "done", "cancelled"])),
                name="wave_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="wave",
            constraint=models.CheckConstraint(
                condition=models.Q(("temperature_class__in", ["ambient", "chilled", "frozen"])),
                name="wave_temperature_known",
            ),
        ),
        migrations.AddIndex(
            model_name="pickbatch",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "picking"])),
                fields=["wave", "number"],
                name="pick_batch_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickbatch",
            constraint=models.UniqueConstraint(fields=("wave", "number"), name="pick_batch_once"),
        ),
        migrations.AddConstraint(
            model_name="pickbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "picking", "done", "cancelled"])),
                name="pick_batch_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="pickbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["cart", "singles"])), name="pick_batch_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="waveparcel",
            constraint=models.UniqueConstraint(fields=("wave", "fulfilment"), name="wave_parcel_once"),
        ),
        migrations.AddConstraint(
            model_name="waveparcel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_at__isnull", True)), fields=("fulfilment",), name="wave_parcel_in_one_wave"
            ),
        ),
    ]
