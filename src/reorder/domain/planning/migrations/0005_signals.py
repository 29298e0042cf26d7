from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0004_statistics_and_learning"),
    ]

    operations = []
