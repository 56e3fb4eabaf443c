"""The history of the ledger's tables, applied by :func:`storage.database.migrate`."""
