"""Segments, their members and who came and went."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("marketing", "0001_facts")]

    operations = []
