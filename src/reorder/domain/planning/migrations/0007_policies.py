from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0006_demand_parts"),
    ]

    operations = []
