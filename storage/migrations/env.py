"""Alembic's entry: runs the steps on the connection that :mod:`storage.database` hands over."""

from alembic import context

from storage import (  # noqa: F401 - their tables are in METADATA, too
    account_tables,
    delivery_tables,
    doc_codes,
    intake_tables,
    public_codes,
    search_tables,
    sharing_tables,
)
from storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
context.run_migrations()
