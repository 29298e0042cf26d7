"""The audit trail is append-only in the database itself; the shared cache has its table."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION staff_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON staff_auditentry
    FOR EACH ROW EXECUTE FUNCTION staff_refuse_change();
"""
ALLOW = "DROP TRIGGER audit_append_only ON staff_auditentry; DROP FUNCTION staff_refuse_change();"
CACHE = """
CREATE UNLOGGED TABLE reorder_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires timestamp with time zone NOT NULL
);
CREATE INDEX reorder_cache_expires ON reorder_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("staff", "0002_web_accounts")]
    operations = [migrations.RunSQL(REFUSE, ALLOW), migrations.RunSQL(CACHE, "DROP TABLE reorder_cache;")]
