"""Purchase orders are numbered by a sequence: two buyers never get the same number."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE purchasing_order_number OWNED BY purchasing_purchaseorder.number",
            "DROP SEQUENCE purchasing_order_number",
        )
    ]
