"""The log of scans, append-only, and codes of packs."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION warehouse_refuse_scan_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of scans is append-only: scan again' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER floor_scan_append_only BEFORE UPDATE OR DELETE ON warehouse_floorscan
    FOR EACH ROW EXECUTE FUNCTION warehouse_refuse_scan_change();
"""
ALLOW = """
DROP TRIGGER floor_scan_append_only ON warehouse_floorscan;
DROP FUNCTION warehouse_refuse_scan_change();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_fractions"), ("warehouse", "0006_waves")]

    operations = [
        migrations.CreateModel(
            name="FloorScan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        help_text="Made by the handheld; a replay has the same.", max_length=64, unique=True
                    ),
                ),
                ("actor", models.TextField()),
                ("user_id", models.BigIntegerField(blank=True, help_text="None for a token.", null=True)),
                (
                    "device",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="A handheld's own name, kept by it."
                    ),
                ),
                ("place_code", models.TextField()),
                ("work", models.TextField()),
                ("task", models.TextField()),
                ("step", models.TextField(blank=True, db_default="", default="")),
                (
                    "code",
                    models.TextField(blank=True, db_default="", default="", help_text="What was scanned, as read."),
                ),
                (
                    "sent",
                    models.JSONField(help_text="The rest of the scan: bin, product, units, lot, expiry, details."),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("right", "Right"), ("wrong", "Wrong"), ("conflict", "Conflict"), ("done", "Done")],
                        max_length=8,
                    ),
                ),
                ("answer", models.JSONField(help_text="Template, values and plan of the answer.")),
                (
                    "scanned_at",
                    models.DateTimeField(help_text="By the handheld's clock, never later than it arrived."),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["work", "task", "id"], name="floor_scan_of_task"),
                    models.Index(fields=["place_code", "recorded_at"], name="floor_scan_of_place"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("key", ""), _negated=True), name="floor_scan_key_not_empty"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["right", "wrong", "conflict", "done"])),
                        name="floor_scan_outcome_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PackCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.TextField(
                        help_text="A GTIN in 14 digits, or another code upper-case without spaces.", unique=True
                    ),
                ),
                (
                    "unit_code",
                    models.TextField(help_text="A unit of the product (catalog.ProductUnit); empty: the selling unit."),
                ),
                ("told_by", models.TextField()),
                ("told_at", models.DateTimeField()),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.product"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("code", ""), _negated=True), name="pack_code_not_empty")
                ],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
