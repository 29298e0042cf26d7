"""The life of an order that we fulfil: states, money, reasons to wait, and its append-only events."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION orders_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the events of an order are append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER order_event_append_only BEFORE UPDATE OR DELETE ON orders_orderevent
    FOR EACH ROW EXECUTE FUNCTION orders_refuse_change();
"""
ALLOW = "DROP TRIGGER order_event_append_only ON orders_orderevent; DROP FUNCTION orders_refuse_change();"


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_drop_doubled_indexes"), ("customers", "0005_addresses")]
    operations = [
        migrations.CreateModel(
            name="OrderEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.TextField(help_text="placed, allocated, held, released, shipped, edited, noted …")),
                ("happened_at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("via", models.CharField(max_length=8)),
                ("from_state", models.CharField(blank=True, db_default="", default="", max_length=12)),
                ("to_state", models.CharField(blank=True, db_default="", default="", max_length=12)),
                ("reason", models.TextField(blank=True, db_default="", default="")),
                ("details", models.JSONField(db_default={}, default=dict)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="order",
            name="order_state_known",
        ),
        migrations.AddField(
            model_name="order",
            name="discount_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="fulfilment",
            field=models.CharField(
                choices=[("elsewhere", "Elsewhere"), ("reorder", "Reorder")],
                db_default="elsewhere",
                default="elsewhere",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="goods_minor",
            field=models.BigIntegerField(blank=True, help_text="Lines at their list price.", null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="hold_reasons",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="not_before_date",
            field=models.DateField(blank=True, help_text="The customer wants it no earlier.", null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="paid_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="payment_state",
            field=models.CharField(
                choices=[
                    ("none", "None"),
                    ("unpaid", "Unpaid"),
                    ("cash_on_delivery", "Cash On Delivery"),
                    ("paid", "Paid"),
                    ("part_refunded", "Part Refunded"),
                    ("refunded", "Refunded"),
                ],
                db_default="none",
                default="none",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="refunded_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="ship_method",
            field=models.TextField(blank=True, db_default="", default="", help_text="Code of a shipping service."),
        ),
        migrations.AddField(
            model_name="order",
            name="ship_to",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.address",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="shipping_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="tax_added_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="tax_included_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="total_minor",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="orderline",
            name="discount_minor",
            field=models.BigIntegerField(db_default=0, default=0, help_text="Its share of all discounts."),
        ),
        migrations.AlterField(
            model_name="order",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("placed", "Placed"),
                    ("allocated", "Allocated"),
                    ("released", "Released"),
                    ("picked", "Picked"),
                    ("packed", "Packed"),
                    ("shipped", "Shipped"),
                    ("delivered", "Delivered"),
                    ("cancelled", "Cancelled"),
                ],
                db_default="placed",
                default="placed",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    ("fulfilment", "reorder"), models.Q(("state__in", ["delivered", "cancelled"]), _negated=True)
                ),
                fields=["state", "-id"],
                name="order_open_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(condition=models.Q(("fulfilment", "reorder")), fields=["-id"], name="order_ours"),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "draft",
                            "placed",
                            "allocated",
                            "released",
                            "picked",
                            "packed",
                            "shipped",
                            "delivered",
                            "cancelled",
                        ],
                    )
                ),
                name="order_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("fulfilment__in", ["elsewhere", "reorder"])), name="order_fulfilment_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("fulfilment", "reorder"), ("state__in", ["placed", "cancelled"]), _connector="OR"),
                name="order_elsewhere_only_placed_or_cancelled",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("payment_state__in", ["none", "unpaid", "cash_on_delivery", "paid", "part_refunded", "refunded"])
                ),
                name="order_payment_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("total_minor__isnull", True),
                    (
                        "total_minor",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("goods_minor"), "-", models.F("discount_minor")
                                ),
                                "+",
                                models.F("shipping_minor"),
                            ),
                            "+",
                            models.F("tax_added_minor"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="order_total_reconciles",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("refunded_minor__gte", 0), ("paid_minor__gte", models.F("refunded_minor"))),
                name="order_refunds_within_paid",
            ),
        ),
        migrations.AddField(
            model_name="orderevent",
            name="order",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="orders.order"
            ),
        ),
        migrations.AddIndex(
            model_name="orderevent",
            index=models.Index(fields=["order", "id"], name="order_event_of_order"),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
