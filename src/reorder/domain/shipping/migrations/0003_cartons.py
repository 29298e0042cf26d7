"""0003_cartons"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shipping", "0002_parcels")]
    operations: list[object] = []
