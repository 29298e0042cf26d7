"""Fulfilment orders, their lines, and the decisions that made them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_life"), ("inventory", "0003_promises")]
    operations = []
