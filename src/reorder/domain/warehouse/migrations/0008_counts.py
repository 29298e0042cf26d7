"""0008_counts"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0007_scans")]
    operations: list[object] = []
