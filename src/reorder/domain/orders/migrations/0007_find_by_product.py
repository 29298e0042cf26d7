"""Orders of a product are found in an index alone; so are wishes to return goods that wait for an answer."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0006_find_by_postcode")]
    operations = [
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(fields=["product", "order"], name="order_line_of_product"),
        ),
        # The index on product and order serves the key as well.
        migrations.AlterField(
            model_name="orderline",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="order_lines",
                to="catalog.product",
            ),
        ),
        migrations.AddIndex(
            model_name="orderevent",
            index=models.Index(
                condition=models.Q(("kind__in", ["return_requested", "return_accepted", "return_declined"])),
                fields=["order", "kind"],
                name="order_event_of_return",
            ),
        ),
    ]
