"""Coupons, discounts, tax rates and shipping fees."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_life")]
    operations = []
