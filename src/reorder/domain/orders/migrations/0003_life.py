"""The life of an order that we fulfil: states, money, reasons to wait, and its append-only events."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_drop_doubled_indexes"), ("customers", "0005_addresses")]
    operations = []
