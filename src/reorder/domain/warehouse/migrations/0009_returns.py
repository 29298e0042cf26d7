"""0009_returns"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0008_counts")]
    operations: list[object] = []
