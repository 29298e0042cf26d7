"""Comparisons: arms, results and winners."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("marketing", "0005_content")]

    operations = []
