"""Single-use coupons in lots."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0008_goods_owner")]

    operations = []
