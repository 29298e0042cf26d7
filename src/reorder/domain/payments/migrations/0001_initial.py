"""Charges, refunds and store credit."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_life")]
    operations = []
