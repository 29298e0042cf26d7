"""Exports and erasures of a person."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("marketing", "0006_proof")]

    operations = []
