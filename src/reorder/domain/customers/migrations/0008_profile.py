"""Tags and attributes of a person."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_find_by_phone")]

    operations = []
