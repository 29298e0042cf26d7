"""What carriers say of parcels, how parcels are handed over, and links for their customers."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

REFUSE = """
CREATE FUNCTION shipping_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was said of a parcel is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER tracking_event_append_only BEFORE UPDATE OR DELETE ON shipping_trackingevent
    FOR EACH ROW EXECUTE FUNCTION shipping_refuse_change();
"""
ALLOW = "DROP TRIGGER tracking_event_append_only ON shipping_trackingevent; DROP FUNCTION shipping_refuse_change();"


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0005_reserves'),
        ('orders', '0007_find_by_product'),
        ('shipping', '0004_labels'),
    ]

    operations = [
        migrations.CreateModel(
            name='Manifest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.TextField(help_text='Ours; also the code on the cage.', unique=True)),
                ('carrier', models.TextField()),
                ('service_code', models.TextField(blank=True, db_default='', default='')),
                ('carrier_reference', models.TextField(blank=True, db_default='', default='')),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.TextField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', models.TextField(blank=True, db_default='', default='')),
                ('place', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.place')),
            ],
        ),
        migrations.CreateModel(
            name='ManifestParcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scanned_at', models.DateTimeField()),
                ('scanned_by', models.TextField()),
                ('manifest', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parcels', to='shipping.manifest')),
                ('parcel', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='shipping.parcel')),
            ],
        ),
        migrations.CreateModel(
            name='ParcelWatch',
            fields=[
                ('parcel', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='watch', serialize=False, to='shipping.parcel')),
                ('heard_at', models.DateTimeField(help_text="The carrier's last word, or when the parcel left.")),
                ('is_followed', models.BooleanField(db_default=False, default=False, help_text='Somebody tells how it fares: only then silence means anything.')),
                ('next_poll_at', models.DateTimeField(blank=True, help_text='Empty: the carrier calls us, or it is over.', null=True)),
                ('failed_polls', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('poll_fault', models.TextField(blank=True, db_default='', default='')),
                ('late_reason', models.TextField(blank=True, db_default='', default='')),
                ('late_at', models.DateTimeField(blank=True, null=True)),
                ('expected_date', models.DateField(blank=True, help_text='What the carrier says.', null=True)),
                ('collect_until_date', models.DateField(blank=True, help_text='Until when a store keeps it.', null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_poll_at__isnull', False)), fields=['next_poll_at'], name='watch_to_poll'), models.Index(condition=models.Q(('late_reason', ''), _negated=True), fields=['late_at'], name='watch_late')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('late_at__isnull', True), ('late_reason', '')), models.Q(('late_at__isnull', False), ('late_reason__in', ['promise_passed', 'silent'])), _connector='OR'), name='watch_late_reason_known')],
            },
        ),
        migrations.CreateModel(
            name='PickUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_code', models.TextField(help_text='Account with the carrier.')),
                ('carrier', models.TextField()),
                ('wanted_date', models.DateField()),
                ('from_time', models.TimeField()),
                ('until_time', models.TimeField()),
                ('parcels_count', models.PositiveIntegerField()),
                ('grams', models.PositiveIntegerField(db_default=0, default=0)),
                ('state', models.CharField(db_default='asking', default='asking', max_length=10)),
                ('carrier_reference', models.TextField(blank=True, db_default='', default='')),
                ('fault', models.TextField(blank=True, db_default='', default='')),
                ('asked_at', models.DateTimeField()),
                ('asked_by', models.TextField()),
                ('place', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.place')),
            ],
        ),
        migrations.CreateModel(
            name='PublicLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.TextField(unique=True)),
                ('expires_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='orders.order')),
            ],
        ),
        migrations.CreateModel(
            name='StrayCallback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account_code', models.TextField()),
                ('reason_code', models.TextField()),
                ('detail', models.TextField(blank=True, db_default='', default='')),
                ('tracking_number', models.TextField(blank=True, db_default='', default='')),
                ('key', models.TextField(help_text='The same word is kept once.', unique=True)),
                ('said', models.JSONField(db_default={}, default=dict, help_text='What was read of it; empty: nothing could be.')),
                ('received_at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_by', models.TextField(blank=True, db_default='', default='')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('settled_at__isnull', True)), fields=['received_at', 'id'], name='stray_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason_code', ''), _negated=True), name='stray_reason_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='TrackingEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField(unique=True)),
                ('state', models.CharField(max_length=16)),
                ('reason', models.TextField(blank=True, db_default='', default='', help_text="Incident, in karrio's words.")),
                ('carrier_code', models.TextField(blank=True, db_default='', default='')),
                ('carrier_words', models.TextField(blank=True, db_default='', default='')),
                ('place_text', models.TextField(blank=True, db_default='', default='')),
                ('happened_at', models.DateTimeField(help_text="By the carrier's clock.")),
                ('received_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('source', models.CharField(max_length=8)),
                ('told_by', models.TextField(blank=True, db_default='', default='', help_text='Account, or person.')),
                ('parcel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='shipping.parcel')),
            ],
        ),
        migrations.AddIndex(
            model_name='manifest',
            index=models.Index(fields=['place', '-id'], name='manifest_of_place'),
        ),
        migrations.AddConstraint(
            model_name='manifest',
            constraint=models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='manifest_number_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='manifest',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('place', 'carrier', 'service_code'), name='manifest_open_once'),
        ),
        migrations.AddIndex(
            model_name='pickup',
            index=models.Index(fields=['place', '-wanted_date', '-id'], name='pick_up_of_place'),
        ),
        migrations.AddConstraint(
            model_name='pickup',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['asking', 'asked', 'refused', 'unsure', 'cancelled'])), name='pick_up_state_known'),
        ),
        migrations.AddConstraint(
            model_name='pickup',
            constraint=models.CheckConstraint(condition=models.Q(('from_time__lt', models.F('until_time'))), name='pick_up_from_before_until'),
        ),
        migrations.AddConstraint(
            model_name='pickup',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['asking', 'asked', 'unsure'])), fields=('place', 'account_code', 'wanted_date'), name='pick_up_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='publiclink',
            constraint=models.CheckConstraint(condition=models.Q(('token__regex', '^[A-Za-z0-9_-]{22,}$')), name='public_link_token_long'),
        ),
        migrations.AddIndex(
            model_name='trackingevent',
            index=models.Index(fields=['parcel', 'happened_at', 'id'], name='tracking_of_parcel'),
        ),
        migrations.AddConstraint(
            model_name='trackingevent',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'picked_up', 'in_transit', 'out_for_delivery', 'ready_for_pickup', 'delivered', 'delivery_delayed', 'delivery_failed', 'on_hold', 'return_to_sender', 'cancelled', 'unknown'])), name='tracking_state_known'),
        ),
        migrations.AddConstraint(
            model_name='trackingevent',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['callback', 'poll', 'staff', 'api', 'floor'])), name='tracking_source_known'),
        ),
        migrations.AddConstraint(
            model_name='trackingevent',
            constraint=models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='tracking_key_not_empty'),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(condition=models.Q(('state__in', ['delivery_failed', 'return_to_sender'])), fields=['state_at'], name='parcel_not_delivered'),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
