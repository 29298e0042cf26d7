"""0004_labels"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shipping", "0003_cartons")]
    operations: list[object] = []
