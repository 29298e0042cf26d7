import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


REFUSE = """
CREATE FUNCTION warehouse_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger of bins is append-only: correct it by a counter-move' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER bin_move_append_only BEFORE UPDATE OR DELETE ON warehouse_binmove
    FOR EACH ROW EXECUTE FUNCTION warehouse_refuse_change();
"""
ALLOW = "DROP TRIGGER bin_move_append_only ON warehouse_binmove; DROP FUNCTION warehouse_refuse_change();"


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_fractions"),
        ("inventory", "0005_reserves"),
        ("warehouse", "0003_find_by_tracking"),
    ]

    operations = [
        migrations.CreateModel(
            name="FloorPlan",
            fields=[
                (
                    "place",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="floor_plan",
                        serialize=False,
                        to="inventory.place",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("aisles", "Aisles"), ("graph", "Graph")],
                        db_default="aisles",
                        default="aisles",
                        max_length=6,
                    ),
                ),
                (
                    "aisle_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, db_default=[], default=list, size=None
                    ),
                ),
                ("aisle_pitch_mm", models.PositiveIntegerField(db_default=3000, default=3000)),
                (
                    "cross_aisles_mm",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(), blank=True, db_default=[], default=list, size=None
                    ),
                ),
                (
                    "depot_aisle",
                    models.PositiveSmallIntegerField(db_default=0, default=0, help_text="Position in aisle_codes."),
                ),
                ("depot_at_mm", models.PositiveIntegerField(db_default=0, default=0)),
                (
                    "one_way_aisles",
                    models.JSONField(
                        blank=True,
                        db_default={},
                        default=dict,
                        help_text="Aisle code to 'up' or 'down': walked in that direction only.",
                    ),
                ),
                ("points", models.JSONField(blank=True, db_default=[], default=list)),
                ("ways", models.JSONField(blank=True, db_default=[], default=list)),
                ("depot_point", models.TextField(blank=True, db_default="", default="")),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_by", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["aisles", "graph"])), name="floor_plan_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "graph"),
                            models.Q(("cross_aisles_mm__len__gte", 2), ("cross_aisles_mm__len__lte", 6)),
                            _connector="OR",
                        ),
                        name="floor_plan_has_cross_aisles",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StorageZone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField()),
                ("name", models.TextField()),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("pick", "Pick"),
                            ("bulk", "Bulk"),
                            ("quarantine", "Quarantine"),
                            ("returns", "Returns"),
                            ("hazard", "Hazard"),
                        ],
                        db_default="pick",
                        default="pick",
                        max_length=10,
                    ),
                ),
                ("temperature_class", models.CharField(db_default="ambient", default="ambient", max_length=8)),
                (
                    "place",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="storage_zones",
                        to="inventory.place",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Bin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField(unique=True)),
                (
                    "aisle",
                    models.PositiveSmallIntegerField(
                        db_default=0, default=0, help_text="Position in the plan's aisles."
                    ),
                ),
                (
                    "at_mm",
                    models.PositiveIntegerField(db_default=0, default=0, help_text="Along the aisle from the front."),
                ),
                (
                    "side",
                    models.CharField(
                        db_default="L", default="L", help_text="L or R of the aisle, from the front.", max_length=1
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(db_default=1, default=1, help_text="1 is the lowest shelf."),
                ),
                ("point", models.TextField(blank=True, db_default="", default="", help_text="Where it is in a graph.")),
                ("length_mm", models.PositiveIntegerField(blank=True, null=True)),
                ("width_mm", models.PositiveIntegerField(blank=True, null=True)),
                ("height_mm", models.PositiveIntegerField(blank=True, null=True)),
                ("max_grams", models.PositiveIntegerField(blank=True, null=True)),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bins", to="inventory.place"
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bins", to="warehouse.storagezone"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BinMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("idempotency_key", models.CharField(max_length=64, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("put_away", "Put Away"),
                            ("move", "Move"),
                            ("replenish", "Replenish"),
                            ("pick", "Pick"),
                            ("count", "Count"),
                            ("follow", "Follow"),
                        ],
                        max_length=10,
                    ),
                ),
                ("owner", models.TextField(db_default="self", default="self")),
                ("lot", models.TextField(blank=True, db_default="", default="")),
                ("units", models.DecimalField(decimal_places=3, max_digits=14)),
                ("cause_kind", models.TextField(help_text="What made it: pick_line, count, floor_task …")),
                ("cause_key", models.TextField()),
                ("actor", models.TextField()),
                ("happened_at", models.DateTimeField()),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
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
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves_out",
                        to="warehouse.bin",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves_in",
                        to="warehouse.bin",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["product", "happened_at"], name="bin_move_of_product"),
                    models.Index(fields=["cause_kind", "cause_key"], name="bin_move_cause"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("units__gt", 0)), name="bin_move_units_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source__isnull", False), ("target__isnull", False), _connector="OR"),
                            models.Q(
                                ("source__isnull", True),
                                ("target__isnull", True),
                                models.Q(("source", models.F("target")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="bin_move_between_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BinStock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("owner", models.TextField(db_default="self", default="self")),
                ("lot", models.TextField(blank=True, db_default="", default="")),
                ("expires_date", models.DateField(blank=True, null=True)),
                ("units", models.DecimalField(decimal_places=3, max_digits=14)),
                (
                    "bin",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock",
                        to="warehouse.bin",
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
                "indexes": [models.Index(fields=["product", "owner", "lot"], name="bin_stock_of_product")],
                "constraints": [
                    models.UniqueConstraint(fields=("bin", "product", "owner", "lot"), name="bin_stock_once"),
                    models.CheckConstraint(condition=models.Q(("units__gt", 0)), name="bin_stock_units_positive"),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="storagezone",
            constraint=models.UniqueConstraint(fields=("place", "code"), name="storage_zone_once"),
        ),
        migrations.AddConstraint(
            model_name="storagezone",
            constraint=models.CheckConstraint(
                condition=models.Q(("code", ""), _negated=True), name="storage_zone_code_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="storagezone",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["pick", "bulk", "quarantine", "returns", "hazard"])),
                name="storage_zone_purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="storagezone",
            constraint=models.CheckConstraint(
                condition=models.Q(("temperature_class__in", ["ambient", "chilled", "frozen"])),
                name="storage_zone_temperature_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="bin",
            constraint=models.CheckConstraint(
                condition=models.Q(("code", ""), _negated=True), name="bin_code_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="bin",
            constraint=models.CheckConstraint(condition=models.Q(("side__in", ["L", "R"])), name="bin_side_known"),
        ),
        migrations.AddConstraint(
            model_name="bin",
            constraint=models.CheckConstraint(condition=models.Q(("level__gte", 1)), name="bin_level_from_one"),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
