"""Links that let a customer into the portal once, sessions, carts, kept addresses, wishes to return goods."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0005_addresses"),
    ]

    operations = [
        migrations.CreateModel(
            name="PortalSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("previous_hash", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("previous_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(help_text="When its secret was last changed.")),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="portal_sessions",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Cart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField(unique=True)),
                (
                    "lines",
                    models.JSONField(db_default=[], default=list, help_text="Pairs of SKU and units, units as text."),
                ),
                (
                    "coupon_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, db_default=[], default=list, size=None
                    ),
                ),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "order_id",
                    models.BigIntegerField(blank=True, help_text="Number of the order that it became.", null=True),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="carts",
                        to="customers.customer",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="carts",
                        to="customers.portalsession",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReturnRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order_id", models.BigIntegerField(help_text="Number of the order.")),
                ("reason", models.TextField()),
                ("lines", models.JSONField(help_text="Units by line of the order, as text.")),
                ("note", models.TextField(blank=True, db_default="", default="")),
                ("photo", models.BinaryField(blank=True, null=True)),
                ("photo_type", models.TextField(blank=True, db_default="", default="")),
                ("created_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="return_requests",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("used_at", models.DateTimeField()),
                (
                    "address",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.address",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_addresses",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "saved addresses",
            },
        ),
        migrations.CreateModel(
            name="PortalLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.TextField(help_text="The mailbox it was sent to, in lower case.")),
                (
                    "cart_code",
                    models.TextField(blank=True, db_default="", default="", help_text="What lay in the cart before."),
                ),
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("language", models.CharField(blank=True, db_default="", default="", max_length=8)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="portal_links",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["expires_at"], name="portal_link_end")],
            },
        ),
        migrations.AddIndex(
            model_name="portalsession",
            index=models.Index(fields=["expires_at"], name="portal_session_end"),
        ),
        migrations.AddIndex(
            model_name="portalsession",
            index=models.Index(
                condition=models.Q(("previous_hash", ""), _negated=True),
                fields=["previous_hash"],
                name="portal_session_before",
            ),
        ),
        migrations.AddIndex(
            model_name="cart",
            index=models.Index(fields=["changed_at"], name="cart_age"),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("order_id__isnull", True)), fields=("customer",), name="cart_of_customer_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("customer__isnull", True), ("order_id__isnull", True)),
                fields=("session",),
                name="cart_of_session_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="cart",
            constraint=models.CheckConstraint(
                condition=models.Q(("customer__isnull", False), ("session__isnull", False), _connector="OR"),
                name="cart_of_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="returnrequest",
            index=models.Index(fields=["order_id", "id"], name="return_request_of_order"),
        ),
        migrations.AddConstraint(
            model_name="returnrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="return_request_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedaddress",
            constraint=models.UniqueConstraint(fields=("customer", "address"), name="saved_address_once"),
        ),
    ]
