"""Alembic's entry: runs the steps on the connection that :mod:`storage.database` hands over."""

from alembic import context

# Their tables are in METADATA, too.
from storage import account_tables, intake_tables, search_tables  # noqa: F401
from storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
context.run_migrations()
