"""Goods kept for members, and the shelf life that a channel must get."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_place_terms")]
    operations = []
