import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0007_find_by_phone'),
        ('inventory', '0005_reserves'),
        ('orders', '0007_find_by_product'),
        ('shipping', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.TextField(help_text='Ours, printed on the box.', unique=True)),
                ('shipment_key', models.TextField()),
                ('direction', models.CharField(choices=[('out', 'Out'), ('back', 'Back')], db_default='out', default='out', max_length=4)),
                ('owner', models.TextField(db_default='self', default='self', help_text='Whose goods are in it.')),
                ('temperature_class', models.CharField(db_default='ambient', default='ambient', max_length=8)),
                ('carton_code', models.TextField(blank=True, db_default='', default='')),
                ('length_mm', models.PositiveIntegerField(blank=True, null=True)),
                ('width_mm', models.PositiveIntegerField(blank=True, null=True)),
                ('height_mm', models.PositiveIntegerField(blank=True, null=True)),
                ('grams', models.PositiveIntegerField(blank=True, null=True)),
                ('contents', models.JSONField(db_default=[], default=list)),
                ('placements', models.JSONField(db_default=[], default=list)),
                ('service_code', models.TextField(blank=True, db_default='', default='')),
                ('carrier', models.TextField(blank=True, db_default='', default='')),
                ('tracking_number', models.TextField(blank=True, db_default='', default='')),
                ('state', models.CharField(db_default='pending', default='pending', max_length=16)),
                ('state_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('promised_date', models.DateField(blank=True, help_text='The day told to the customer.', null=True)),
                ('packed_at', models.DateTimeField(blank=True, null=True)),
                ('packed_by', models.TextField(blank=True, db_default='', default='')),
                ('shipped_at', models.DateTimeField(blank=True, null=True)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.order')),
                ('place', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.place')),
                ('ship_to', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.address')),
            ],
            options={
                'indexes': [models.Index(fields=['shipment_key'], name='parcel_of_shipment'), models.Index(condition=models.Q(('tracking_number', ''), _negated=True), fields=['tracking_number'], name='parcel_by_tracking'), models.Index(condition=models.Q(('state__in', ['delivered', 'cancelled', 'return_to_sender']), _negated=True), fields=['place', 'state', 'id'], name='parcel_under_way')],
                'constraints': [models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='parcel_number_not_empty'), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'picked_up', 'in_transit', 'out_for_delivery', 'ready_for_pickup', 'delivered', 'delivery_delayed', 'delivery_failed', 'on_hold', 'return_to_sender', 'cancelled', 'unknown'])), name='parcel_state_known'), models.CheckConstraint(condition=models.Q(('direction__in', ['out', 'back'])), name='parcel_direction_known'), models.CheckConstraint(condition=models.Q(('temperature_class__in', ['ambient', 'chilled', 'frozen'])), name='parcel_temperature_known')],
            },
        ),
    ]
