from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("purchasing", "0003_decisions"),
        ("catalog", "0005_units_of_measure"),
    ]

    operations = []
