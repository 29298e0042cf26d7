"""Fulfilment orders, their lines, and the decisions that made them."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("orders", "0003_life"), ("inventory", "0003_promises")]
    operations = [
        migrations.CreateModel(
            name="FulfilmentOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("allocated", "Allocated"),
                            ("released", "Released"),
                            ("picked", "Picked"),
                            ("packed", "Packed"),
                            ("shipped", "Shipped"),
                            ("delivered", "Delivered"),
                            ("cancelled", "Cancelled"),
                        ],
                        db_default="allocated",
                        default="allocated",
                        max_length=12,
                    ),
                ),
                (
                    "service_code",
                    models.TextField(blank=True, db_default="", default="", help_text="Shipping service."),
                ),
                (
                    "cost_minor",
                    models.BigIntegerField(blank=True, help_text="What shipping it was expected to cost.", null=True),
                ),
                ("carrier", models.TextField(blank=True, db_default="", default="")),
                ("tracking_number", models.TextField(blank=True, db_default="", default="")),
                ("ship_by_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("shipped_at", models.DateTimeField(blank=True, null=True)),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.order"
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
            ],
        ),
        migrations.CreateModel(
            name="FulfilmentLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("units", models.DecimalField(decimal_places=3, max_digits=14)),
                (
                    "order_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.orderline"
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
                (
                    "fulfilment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="warehouse.fulfilmentorder",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RoutingDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("decided_at", models.DateTimeField()),
                ("cause", models.TextField(help_text="placed, edited, short_pick, outage, manual …")),
                ("places", models.JSONField(help_text="Place code by order line.")),
                ("candidates", models.JSONField(help_text="What was considered, with costs and why it was not taken.")),
                ("cost_minor", models.BigIntegerField(blank=True, null=True)),
                ("reason", models.TextField()),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.order"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="fulfilmentorder",
            index=models.Index(fields=["order", "id"], name="fulfilment_of_order"),
        ),
        migrations.AddIndex(
            model_name="fulfilmentorder",
            index=models.Index(
                condition=models.Q(("state__in", ["shipped", "delivered", "cancelled"]), _negated=True),
                fields=["place", "state", "id"],
                name="fulfilment_open_at_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfilmentorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["waiting", "allocated", "released", "picked", "packed", "shipped", "delivered", "cancelled"],
                    )
                ),
                name="fulfilment_order_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfilmentorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["shipped", "delivered"]), _negated=True),
                    ("shipped_at__isnull", False),
                    _connector="OR",
                ),
                name="fulfilment_order_shipped_has_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfilmentline",
            constraint=models.UniqueConstraint(
                fields=("fulfilment", "order_line", "product"), name="fulfilment_line_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="fulfilmentline",
            constraint=models.CheckConstraint(
                condition=models.Q(("units__gt", 0)), name="fulfilment_line_units_positive"
            ),
        ),
        migrations.AddIndex(
            model_name="routingdecision",
            index=models.Index(fields=["order", "id"], name="routing_decision_of_order"),
        ),
    ]
