"""0005_layout"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0004_floor")]
    operations: list[object] = []
