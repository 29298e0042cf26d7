from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='category',
            name='is_sensitive',
            field=models.BooleanField(db_default=False, default=False, help_text='Its products are recommended only to customers who bought them before: health, intimacy, alcohol …'),
        ),
    ]
