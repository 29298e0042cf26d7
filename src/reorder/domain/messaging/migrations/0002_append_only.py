"""The consent ledger is append-only in the database itself."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION messaging_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the consent ledger is append-only: record a new declaration' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE ON messaging_consententry
    FOR EACH ROW EXECUTE FUNCTION messaging_refuse_change();
"""
ALLOW = "DROP TRIGGER consent_append_only ON messaging_consententry; DROP FUNCTION messaging_refuse_change();"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
