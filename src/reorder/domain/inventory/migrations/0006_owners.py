"""Shops that we store and ship for, with what they pay."""

from typing import Any

import django.db.models.functions.datetime
from django.db import migrations, models


def _charge(told: str) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(db_default=0, decimal_places=4, default=0, help_text=told, max_digits=14)


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_reserves")]
    operations = [
        migrations.CreateModel(
            name="Owner",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("email", models.TextField(blank=True, db_default="", default="")),
                ("is_active", models.BooleanField(db_default=True, default=True)),
                ("litre_day_minor", _charge("For a litre of goods that stands here at the end of a day.")),
                ("received_unit_minor", _charge("For a unit that is taken in.")),
                ("shipped_order_minor", _charge("For an order that leaves.")),
                ("picked_unit_minor", _charge("For a unit that was picked and left.")),
                ("parcel_minor", _charge("For a parcel that leaves.")),
                ("returned_unit_minor", _charge("For a unit that comes back.")),
                ("decided_by", models.TextField()),
                ("decided_at", models.DateTimeField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__in", ["", "self"]), _negated=True), name="owner_code_not_self"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="owner_name_not_empty"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("litre_day_minor__gte", 0),
                            ("parcel_minor__gte", 0),
                            ("picked_unit_minor__gte", 0),
                            ("received_unit_minor__gte", 0),
                            ("returned_unit_minor__gte", 0),
                            ("shipped_order_minor__gte", 0),
                        ),
                        name="owner_charges_not_negative",
                    ),
                ],
            },
        ),
    ]
