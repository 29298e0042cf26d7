"""What is sold beyond the stock, goods kept for members, and the shelf life that a channel must get."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_fractions"),
        ("inventory", "0004_place_terms"),
    ]

    operations = [
        migrations.CreateModel(
            name="FreshnessRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.TextField(blank=True, db_default="", default="")),
                ("minimum_days", models.PositiveSmallIntegerField()),
                ("decided_by", models.TextField()),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.category",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("channel", "product", "category"), name="freshness_rule_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("product__isnull", True), ("category__isnull", True), _connector="OR"),
                        name="freshness_rule_one_subject",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reserve",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("units", models.DecimalField(decimal_places=3, max_digits=14)),
                (
                    "segments",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), help_text="Customers of these may take them.", size=None
                    ),
                ),
                ("ends_at", models.DateTimeField()),
                ("decided_by", models.TextField()),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                "constraints": [
                    models.UniqueConstraint(fields=("product", "place"), name="reserve_once"),
                    models.CheckConstraint(condition=models.Q(("units__gt", 0)), name="reserve_units_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SellingTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("allows_backorder", models.BooleanField(db_default=False, default=False)),
                (
                    "backorder_limit_units",
                    models.DecimalField(
                        blank=True,
                        decimal_places=3,
                        help_text="So many may wait at once; empty: no limit.",
                        max_digits=14,
                        null=True,
                    ),
                ),
                (
                    "backorder_until_date",
                    models.DateField(blank=True, help_text="Last day on which it is taken on.", null=True),
                ),
                (
                    "wait_days",
                    models.PositiveSmallIntegerField(
                        db_default=14, default=14, help_text="What is told where nothing is on order."
                    ),
                ),
                ("preorder_from_date", models.DateField(blank=True, null=True)),
                ("preorder_until_date", models.DateField(blank=True, null=True)),
                ("release_date", models.DateField(blank=True, null=True)),
                ("preorder_limit_units", models.DecimalField(blank=True, decimal_places=3, max_digits=14, null=True)),
                ("decided_by", models.TextField()),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "product",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.product"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("backorder_limit_units__isnull", True),
                                ("backorder_limit_units__gt", 0),
                                _connector="OR",
                            ),
                            models.Q(
                                ("preorder_limit_units__isnull", True), ("preorder_limit_units__gt", 0), _connector="OR"
                            ),
                        ),
                        name="selling_limits_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("preorder_from_date__isnull", True), ("release_date__isnull", False), _connector="OR"
                        ),
                        name="selling_preorder_has_release",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("preorder_from_date__isnull", True),
                            ("preorder_until_date__isnull", True),
                            ("preorder_until_date__gte", models.F("preorder_from_date")),
                            _connector="OR",
                        ),
                        name="selling_preorder_days_in_order",
                    ),
                ],
            },
        ),
    ]
