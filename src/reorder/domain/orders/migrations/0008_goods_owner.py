"""0008_goods_owner"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_find_by_product")]
    operations: list[object] = []
