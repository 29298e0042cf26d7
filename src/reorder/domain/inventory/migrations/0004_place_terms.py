"""What a place can do in a day, at what cost, and until which hour."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("inventory", "0003_promises")]

    operations = [
        migrations.CreateModel(
            name='PlaceTerms',
            fields=[
                ('place', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='terms', serialize=False, to='inventory.place')),
                ('postcode', models.TextField(blank=True, db_default='', default='', help_text='Parcels leave from here.')),
                ('orders_a_day', models.PositiveIntegerField(blank=True, help_text='Empty: as many as come.', null=True)),
                ('cut_off_time', models.TimeField(blank=True, help_text='Orders until then leave the same day.', null=True)),
                ('working_weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), help_text='1 is Monday.', size=None)),
                ('processing_days', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('parcel_cost_minor', models.BigIntegerField(db_default=0, default=0)),
                ('line_cost_minor', models.BigIntegerField(db_default=0, default=0)),
                ('temperature_classes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('stock_confidence_share', models.DecimalField(db_default=1, decimal_places=3, default=1, help_text="How often it has what it says: of a supplier's stock only so much is counted on.", max_digits=4)),
                ('decided_by', models.TextField()),
                ('decided_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name_plural': 'place terms',
                'constraints': [models.CheckConstraint(condition=models.Q(('line_cost_minor__gte', 0), ('parcel_cost_minor__gte', 0)), name='place_terms_costs_not_negative'), models.CheckConstraint(condition=models.Q(('stock_confidence_share__gte', 0), ('stock_confidence_share__lte', 1)), name='place_terms_confidence_is_share'), models.CheckConstraint(condition=models.Q(('working_weekdays__len__gte', 1), ('working_weekdays__contained_by', [1, 2, 3, 4, 5, 6, 7])), name='place_terms_works_some_day'), models.CheckConstraint(condition=models.Q(('temperature_classes__contained_by', ['ambient', 'chilled', 'frozen'])), name='place_terms_temperatures_known')],
            },
        ),
    ]
