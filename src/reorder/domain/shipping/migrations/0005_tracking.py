"""0005_tracking"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shipping", "0004_labels")]
    operations: list[object] = []
