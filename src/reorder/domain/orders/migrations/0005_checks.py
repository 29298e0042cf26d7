"""What was checked of an order, and its merging with others."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_price_rules")]
    operations = []
