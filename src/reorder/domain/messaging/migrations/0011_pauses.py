"""Several causes may pause marketing side by side; a message says what it is worth."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0010_accounts")]

    operations = [
        migrations.RemoveConstraint(
            model_name='marketingpause',
            name='pause_open_once',
        ),
        migrations.RemoveConstraint(
            model_name='marketingpause',
            name='pause_cause_known',
        ),
        migrations.AddField(
            model_name='outboxmessage',
            name='value_minor',
            field=models.FloatField(db_default=0, default=0, help_text='Expected extra margin: of two that cannot both go, the lesser gives way.'),
        ),
        migrations.AlterField(
            model_name='marketingpause',
            name='cause',
            field=models.TextField(blank=True, db_default='', default='', help_text='Empty: a person. Several causes may hold side by side.'),
        ),
        migrations.AddConstraint(
            model_name='marketingpause',
            constraint=models.CheckConstraint(condition=models.Q(('cause__in', ['', 'parcel', 'return', 'complaint', 'order'])), name='pause_cause_known'),
        ),
        migrations.AddConstraint(
            model_name='marketingpause',
            constraint=models.UniqueConstraint(condition=models.Q(('resumed_at__isnull', True)), fields=('customer', 'cause'), name='pause_open_once'),
        ),
    ]
