"""Django's own checks, without a database: the deployment check, and that no model change lacks its migration."""

import os
import sys
import tempfile


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "reorder.config.settings"
    with tempfile.TemporaryDirectory() as home:
        os.environ["REORDER_HOME"] = home
        os.environ["REORDER_TRUSTED_PROXIES"] = "127.0.0.1"
        import django
        from django.core.management import call_command
        from django.db.migrations.autodetector import MigrationAutodetector
        from django.db.migrations.loader import MigrationLoader
        from django.db.migrations.state import ProjectState

        django.setup()
        from django.apps import apps

        # As it is deployed beyond this machine: behind TLS. Security warnings fail the check too.
        call_command("check", deploy=True, fail_level="WARNING")
        loader = MigrationLoader(None)
        detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
        changes = detector.changes(graph=loader.graph)
        for app, migrations in changes.items():
            for migration in migrations:
                print(f"{app}: models changed without a migration: {[o.describe() for o in migration.operations]}")
        return 1 if changes else 0


if __name__ == "__main__":
    sys.exit(main())
