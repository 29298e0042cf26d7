"""Returns: cases, their lines, pieces and pictures, and the rules by which goods are taken back.

Wishes that customers had written down before become cases, with what they were answered.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# What was asked for before there were cases; declined wishes are ended, and their units free again.
TAKE_OVER = """
INSERT INTO warehouse_return (number, order_id, place_id, state, opened_by, request_id, reason, note, word, opened_at,
                              accepted_at, ended_at)
SELECT 'RMA' || lpad(wish.id::text, 7, '0'), wish.order_id, parcel.place_id,
       CASE answer.kind WHEN 'return_accepted' THEN 'accepted' WHEN 'return_declined' THEN 'declined'
            ELSE 'requested' END,
       'customer', wish.id, wish.reason, wish.note, coalesce(answer.details ->> 'note', ''), wish.created_at,
       CASE answer.kind WHEN 'return_accepted' THEN answer.happened_at END,
       CASE answer.kind WHEN 'return_declined' THEN answer.happened_at END
FROM customers_returnrequest AS wish
JOIN LATERAL (SELECT place_id FROM warehouse_fulfilmentorder AS part
              WHERE part.order_id = wish.order_id AND part.state IN ('shipped', 'delivered')
              ORDER BY part.id LIMIT 1) AS parcel ON true
LEFT JOIN LATERAL (SELECT kind, details, happened_at FROM orders_orderevent AS event
                   WHERE event.order_id = wish.order_id AND event.kind IN ('return_accepted', 'return_declined')
                     AND (event.details ->> 'request')::bigint = wish.id ORDER BY event.id LIMIT 1) AS answer ON true
ORDER BY wish.id;
INSERT INTO warehouse_returnline (of_return_id, order_line_id, announced_units, units)
SELECT made.id, line.id, asked.units::numeric, asked.units::numeric
FROM warehouse_return AS made JOIN customers_returnrequest AS wish ON wish.id = made.request_id
CROSS JOIN LATERAL jsonb_each_text(wish.lines) AS asked (line_key, units)
JOIN orders_orderline AS line ON line.order_id = wish.order_id AND line.line_key = asked.line_key;
SELECT setval(pg_get_serial_sequence('warehouse_return', 'id'),
              greatest((SELECT max(id) FROM warehouse_return), (SELECT max(id) FROM customers_returnrequest), 1));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("warehouse", "0008_counts"),
        ("catalog", "0001_initial"),
        ("customers", "0006_sign_in_links"),
        ("inventory", "0001_initial"),
        ("orders", "0007_find_by_product"),
    ]
    operations = [
        migrations.CreateModel(
            name="Return",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.TextField(help_text="RMA number, on the slip and the parcel.", unique=True)),
                ("owner", models.TextField(db_default="self", default="self", help_text="Whose goods these are.")),
                ("state", models.CharField(db_default="requested", default="requested", max_length=10)),
                ("opened_by", models.CharField(help_text="customer, desk, dock", max_length=8)),
                (
                    "request_id",
                    models.BigIntegerField(blank=True, help_text="The customer's own words.", null=True, unique=True),
                ),
                ("reason", models.TextField()),
                ("note", models.TextField(blank=True, db_default="", default="")),
                ("wants", models.CharField(db_default="refund", default="refund", max_length=8)),
                ("way_back", models.CharField(db_default="own", default="own", max_length=5)),
                ("payer", models.CharField(db_default="shop", default="shop", max_length=8)),
                ("fee_minor", models.BigIntegerField(db_default=0, default=0)),
                ("refunds_shipping", models.BooleanField(db_default=True, default=True)),
                (
                    "word",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="What the customer was told last."
                    ),
                ),
                ("carrier", models.TextField(blank=True, db_default="", default="")),
                ("tracking_number", models.TextField(blank=True, db_default="", default="")),
                ("resolution", models.CharField(blank=True, db_default="", default="", max_length=8)),
                ("refund_minor", models.BigIntegerField(db_default=0, default=0)),
                ("shipping_refund_minor", models.BigIntegerField(db_default=0, default=0)),
                (
                    "expires_at",
                    models.DateTimeField(
                        blank=True, help_text="Goods that are not here by then never come.", null=True
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("received_at", models.DateTimeField(blank=True, null=True)),
                ("inspected_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "exchange_order",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orders.order",
                    ),
                ),
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
            name="ReturnGrade",
            fields=[
                ("code", models.CharField(max_length=1, primary_key=True, serialize=False)),
                ("name", models.TextField(help_text="English.")),
                ("name_zh", models.TextField(help_text="Traditional Chinese.")),
                ("disposition", models.CharField(max_length=10)),
                ("changed_by", models.TextField(blank=True, db_default="", default="")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__in", ["A", "B", "C", "D"])), name="return_grade_code_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("disposition__in", ["restock", "refurbish", "quarantine", "supplier", "scrap"])
                        ),
                        name="return_grade_disposition_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("announced_units", models.DecimalField(db_default=0, decimal_places=3, default=0, max_digits=14)),
                ("units", models.DecimalField(decimal_places=3, max_digits=14)),
                ("received_units", models.DecimalField(db_default=0, decimal_places=3, default=0, max_digits=14)),
                ("refund_minor", models.BigIntegerField(db_default=0, default=0)),
                (
                    "of_return",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="warehouse.return",
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orders.orderline"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReturnPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content", models.BinaryField()),
                ("media_type", models.TextField()),
                ("taken_by", models.TextField()),
                ("taken_at", models.DateTimeField()),
                (
                    "of_return",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="photos", to="warehouse.return"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReturnPiece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lot", models.TextField(blank=True, db_default="", default="")),
                ("expires_date", models.DateField(blank=True, null=True)),
                ("units", models.DecimalField(decimal_places=3, max_digits=14)),
                ("grade", models.CharField(blank=True, db_default="", default="", max_length=1)),
                ("disposition", models.CharField(blank=True, db_default="", default="", max_length=10)),
                (
                    "reason",
                    models.TextField(
                        blank=True, db_default="", default="", help_text="Code of the rule, or a person's word."
                    ),
                ),
                ("is_overridden", models.BooleanField(db_default=False, default=False)),
                (
                    "bin_code",
                    models.TextField(blank=True, db_default="", default="", help_text="Where it is kept apart."),
                ),
                ("claim_number", models.TextField(blank=True, db_default="", default="")),
                (
                    "claimed_from",
                    models.TextField(blank=True, db_default="", default="", help_text="Code of the supplier."),
                ),
                ("graded_at", models.DateTimeField(blank=True, null=True)),
                ("graded_by", models.TextField(blank=True, db_default="", default="")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("idempotency_key", models.CharField(max_length=64, unique=True)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pieces", to="warehouse.returnline"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReturnRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.TextField(blank=True, db_default="", default="")),
                ("temperature_class", models.CharField(blank=True, db_default="", default="", max_length=8)),
                (
                    "is_returnable",
                    models.BooleanField(db_default=True, default=True, help_text="Not: hygiene goods, for example."),
                ),
                (
                    "window_days",
                    models.PositiveSmallIntegerField(db_default=14, default=14, help_text="From the day of delivery."),
                ),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        db_default=[],
                        default=list,
                        help_text="Empty: every reason.",
                        size=None,
                    ),
                ),
                (
                    "payer",
                    models.CharField(
                        db_default="customer", default="customer", help_text="Of the way back.", max_length=8
                    ),
                ),
                (
                    "fee_minor",
                    models.BigIntegerField(
                        db_default=0, default=0, help_text="Kept when the customer pays the way back."
                    ),
                ),
                (
                    "refunds_shipping",
                    models.BooleanField(
                        db_default=True,
                        default=True,
                        help_text="The fee for shipping goes back when everything comes back.",
                    ),
                ),
                (
                    "accepts_up_to_minor",
                    models.BigIntegerField(
                        blank=True,
                        help_text="Accepted by itself up to this value of goods; empty: a person decides.",
                        null=True,
                    ),
                ),
                ("way_back", models.CharField(db_default="own", default="own", max_length=5)),
                ("never_restocks", models.BooleanField(db_default=False, default=False)),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_by", models.TextField()),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
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
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="return",
            index=models.Index(fields=["order", "id"], name="return_of_order"),
        ),
        migrations.AddIndex(
            model_name="return",
            index=models.Index(
                condition=models.Q(("state__in", ["closed", "declined", "cancelled", "expired"]), _negated=True),
                fields=["state", "-id"],
                name="return_open",
            ),
        ),
        migrations.AddIndex(
            model_name="return",
            index=models.Index(fields=["-opened_at", "-id"], name="return_opened"),
        ),
        migrations.AddIndex(
            model_name="return",
            index=models.Index(
                condition=models.Q(("expires_at__isnull", False), ("state__in", ["accepted", "sent"])),
                fields=["expires_at"],
                name="return_expires",
            ),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "requested",
                            "accepted",
                            "sent",
                            "under_way",
                            "received",
                            "inspected",
                            "closed",
                            "declined",
                            "cancelled",
                            "expired",
                        ],
                    )
                ),
                name="return_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(("wants__in", ["refund", "exchange", "credit"])), name="return_wants_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(("resolution__in", ["", "none", "refund", "exchange", "credit"])),
                name="return_resolution_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(("fee_minor__gte", 0), ("refund_minor__gte", 0), ("shipping_refund_minor__gte", 0)),
                name="return_amounts_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="return",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at__isnull", False), ("state__in", ["closed", "declined", "cancelled", "expired"])
                    ),
                    models.Q(
                        models.Q(("state__in", ["closed", "declined", "cancelled", "expired"]), _negated=True),
                        ("ended_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="return_ended_at_a_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnline",
            constraint=models.UniqueConstraint(fields=("of_return", "order_line"), name="return_line_once"),
        ),
        migrations.AddConstraint(
            model_name="returnline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("announced_units__gte", 0),
                    ("received_units__gte", 0),
                    ("refund_minor__gte", 0),
                    ("units__gte", models.F("received_units")),
                ),
                name="return_line_units_within",
            ),
        ),
        migrations.AddIndex(
            model_name="returnpiece",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["disposition"], name="return_piece_apart"
            ),
        ),
        migrations.AddConstraint(
            model_name="returnpiece",
            constraint=models.CheckConstraint(condition=models.Q(("units__gt", 0)), name="return_piece_units_positive"),
        ),
        migrations.AddConstraint(
            model_name="returnpiece",
            constraint=models.CheckConstraint(
                condition=models.Q(("grade", ""), ("grade__in", ["A", "B", "C", "D"]), _connector="OR"),
                name="return_piece_grade_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnpiece",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("disposition", ""),
                    ("disposition__in", ["restock", "refurbish", "quarantine", "supplier", "scrap"]),
                    _connector="OR",
                ),
                name="return_piece_disposition_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnrule",
            constraint=models.UniqueConstraint(
                fields=("product", "category", "channel", "temperature_class"),
                name="return_rule_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="returnrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("payer__in", ["shop", "customer"])), name="return_rule_payer_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="returnrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("way_back__in", ["own", "label", "store"])), name="return_rule_way_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="returnrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("temperature_class__in", ["", "ambient", "chilled", "frozen"])),
                name="return_rule_temperature_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fee_minor__gte", 0),
                    models.Q(("accepts_up_to_minor__isnull", True), ("accepts_up_to_minor__gte", 0), _connector="OR"),
                ),
                name="return_rule_amounts_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="returnrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("product__isnull", True), ("category__isnull", True), _connector="OR"),
                name="return_rule_product_or_category",
            ),
        ),
        migrations.RunSQL(TAKE_OVER, migrations.RunSQL.noop),
    ]
