import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from decimal import Decimal
from django.db import migrations, models


REFUSE = """
CREATE FUNCTION warehouse_refuse_count_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was counted is append-only: count again' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER count_entry_append_only BEFORE UPDATE OR DELETE ON warehouse_countentry
    FOR EACH ROW EXECUTE FUNCTION warehouse_refuse_count_change();
"""
ALLOW = """
DROP TRIGGER count_entry_append_only ON warehouse_countentry;
DROP FUNCTION warehouse_refuse_count_change();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_fractions"), ("inventory", "0005_reserves"), ("warehouse", "0007_scans")]

    operations = [
        migrations.CreateModel(
            name="CountPolicy",
            fields=[
                (
                    "place",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="count_policy",
                        serialize=False,
                        to="inventory.place",
                    ),
                ),
                ("a_days", models.PositiveSmallIntegerField(db_default=30, default=30)),
                ("b_days", models.PositiveSmallIntegerField(db_default=91, default=91)),
                ("c_days", models.PositiveSmallIntegerField(db_default=365, default=365)),
                (
                    "a_value_share",
                    models.DecimalField(
                        db_default=Decimal("0.8"), decimal_places=3, default=Decimal("0.8"), max_digits=4
                    ),
                ),
                (
                    "b_value_share",
                    models.DecimalField(
                        db_default=Decimal("0.95"), decimal_places=3, default=Decimal("0.95"), max_digits=4
                    ),
                ),
                ("book_units", models.DecimalField(db_default=2, decimal_places=3, default=2, max_digits=14)),
                (
                    "book_share",
                    models.DecimalField(
                        db_default=Decimal("0.05"), decimal_places=3, default=Decimal("0.05"), max_digits=5
                    ),
                ),
                ("book_minor", models.BigIntegerField(db_default=50000, default=50000)),
                ("recount_units", models.DecimalField(db_default=5, decimal_places=3, default=5, max_digits=14)),
                (
                    "recount_share",
                    models.DecimalField(
                        db_default=Decimal("0.1"), decimal_places=3, default=Decimal("0.1"), max_digits=5
                    ),
                ),
                ("recount_minor", models.BigIntegerField(db_default=200000, default=200000)),
                (
                    "counts_empty_bins",
                    models.BooleanField(db_default=True, default=True, help_text="Zero-confirmation."),
                ),
                ("decided_by", models.TextField()),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name_plural": "count policies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("a_days__gte", 1), ("b_days__gte", 1), ("c_days__gte", 1)),
                        name="count_policy_days_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("a_value_share__gt", 0),
                            ("b_value_share__gte", models.F("a_value_share")),
                            ("b_value_share__lte", 1),
                        ),
                        name="count_policy_shares_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("book_minor__gte", 0),
                            ("book_share__gte", 0),
                            ("book_units__gte", 0),
                            ("recount_minor__gte", 0),
                            ("recount_share__gte", 0),
                            ("recount_units__gte", 0),
                        ),
                        name="count_policy_limits_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("cycle", "Cycle"),
                            ("zero", "Zero"),
                            ("short", "Short"),
                            ("asked", "Asked"),
                            ("follow", "Follow"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "abc_class",
                    models.CharField(
                        blank=True, db_default="", default="", help_text="Of a cycle count.", max_length=1
                    ),
                ),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("counting", "Counting"),
                            ("counted", "Counted"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_default="open",
                        default="open",
                        max_length=10,
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(db_default=1, default=1)),
                (
                    "not_by",
                    models.TextField(blank=True, db_default="", default="", help_text="Who counted the round before."),
                ),
                ("assigned_to", models.TextField(blank=True, db_default="", default="")),
                ("asked_by", models.TextField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("counted_by", models.TextField(blank=True, db_default="", default="")),
                ("counted_at", models.DateTimeField(blank=True, null=True)),
                ("decided_by", models.TextField(blank=True, db_default="", default="")),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.TextField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="exact, booked, misplaced, put_away, rejected …",
                    ),
                ),
                ("note", models.TextField(blank=True, db_default="", default="")),
                (
                    "bin",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counts",
                        to="warehouse.bin",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.place",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CountEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("idempotency_key", models.CharField(max_length=64, unique=True)),
                ("round", models.PositiveSmallIntegerField()),
                ("owner", models.TextField(db_default="self", default="self")),
                ("lot", models.TextField(blank=True, db_default="", default="")),
                ("expires_date", models.DateField(blank=True, null=True)),
                ("counted_units", models.DecimalField(decimal_places=3, max_digits=14)),
                ("expected_units", models.DecimalField(decimal_places=3, max_digits=14)),
                ("moved_units", models.DecimalField(db_default=0, decimal_places=3, default=0, max_digits=14)),
                ("variance_units", models.DecimalField(decimal_places=3, max_digits=14)),
                (
                    "variance_minor",
                    models.BigIntegerField(blank=True, help_text="At cost; empty: no cost is known.", null=True),
                ),
                ("counted_by", models.TextField()),
                ("counted_at", models.DateTimeField()),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="warehouse.counttask",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "count entries",
            },
        ),
        migrations.CreateModel(
            name="CountClass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("abc_class", models.CharField(max_length=1)),
                ("moved_minor", models.BigIntegerField()),
                ("computed_on", models.DateField()),
                (
                    "place",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inventory.place",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "count classes",
                "constraints": [
                    models.UniqueConstraint(fields=("place", "product"), name="count_class_once"),
                    models.CheckConstraint(
                        condition=models.Q(("abc_class__in", ["A", "B", "C"])), name="count_class_known"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="counttask",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "counting", "counted"])),
                fields=["place", "state", "due_on", "id"],
                name="count_task_to_do",
            ),
        ),
        migrations.AddIndex(
            model_name="counttask",
            index=models.Index(fields=["bin", "counted_at"], name="count_task_of_bin"),
        ),
        migrations.AddIndex(
            model_name="counttask",
            index=models.Index(fields=["place", "decided_at", "id"], name="count_task_done"),
        ),
        migrations.AddConstraint(
            model_name="counttask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["open", "counting", "counted"])),
                fields=("bin",),
                name="count_task_once_a_bin",
            ),
        ),
        migrations.AddConstraint(
            model_name="counttask",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "counting", "counted", "approved", "rejected", "cancelled"])),
                name="count_task_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="counttask",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause__in", ["cycle", "zero", "short", "asked", "follow"])),
                name="count_task_cause_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="counttask",
            constraint=models.CheckConstraint(condition=models.Q(("round__gte", 1)), name="count_task_round_from_one"),
        ),
        migrations.AddIndex(
            model_name="countentry",
            index=models.Index(fields=["task", "round", "id"], name="count_entry_of_task"),
        ),
        migrations.AddConstraint(
            model_name="countentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("counted_units__gte", 0)), name="count_entry_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="countentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "variance_units",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("counted_units"), "+", models.F("moved_units")
                            ),
                            "-",
                            models.F("expected_units"),
                        ),
                    )
                ),
                name="count_entry_variance_adds_up",
            ),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
