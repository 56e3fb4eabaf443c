"""Manifests in the ledger, packed, from the moment it names them until their objects are stored.

The steps work with the file in the workspace. This copy is written in the transaction that names
its hash: what a person decided is lost only together with the ledger itself, and any other file of
a document can be made again from the original.
"""

import hashlib
import zlib

import sqlalchemy as sa

from storage.records import Sha256
from storage.tables import document, kept_manifest

_KEPT = sa.select(kept_manifest.c.content).where(
    kept_manifest.c.document_id == sa.bindparam("document"),
    kept_manifest.c.sha256 == sa.bindparam("hash"),
)


def keep(connection: sa.Connection, document_id: int, content: bytes) -> Sha256:
    """Keep ``content`` for a document, once; its hash."""
    sha256 = hashlib.sha256(content).hexdigest()
    known = connection.execute(_KEPT, {"document": document_id, "hash": sha256}).first()
    if known is None:
        connection.execute(
            sa.insert(kept_manifest).values(
                document_id=document_id, sha256=sha256, content=zlib.compress(content)
            )
        )
    return sha256


def kept(connection: sa.Connection, document_id: int, sha256: Sha256) -> bytes | None:
    """The bytes with this hash, or None where they were never kept or are damaged."""
    packed = connection.execute(_KEPT, {"document": document_id, "hash": sha256}).scalar()
    if packed is None:
        return None
    try:
        content = zlib.decompress(packed)
    except zlib.error:
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def forget(connection: sa.Connection, claim_id: str) -> None:
    """Drop what was kept for the documents of a claim: the store has their manifests."""
    own = sa.select(document.c.id).where(document.c.claim_id == claim_id)
    connection.execute(sa.delete(kept_manifest).where(kept_manifest.c.document_id.in_(own)))
