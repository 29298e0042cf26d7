"""Allocations, holds and backorders: what of the stock is promised, and to whom."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_append_only"), ("catalog", "0005_units_of_measure")]
    operations = []
