"""The ledger of dossiers and the store of objects. Imports ``schemas`` only."""

from typing import TYPE_CHECKING

from schemas.door import door

if TYPE_CHECKING:
    from storage.chain import hash_of
    from storage.figures import StageCount
    from storage.ledger import Ledger
    from storage.objects import Objects
    from storage.options import LedgerOptions, RetentionMode, StoreOptions
    from storage.proving import LedgerAccepted, Proven
    from storage.records import (
        ChainReport,
        Claim,
        Document,
        Dossier,
        Event,
        Head,
        KeptObject,
        LedgerFinding,
        ListedObject,
        ListedVersion,
        NewClaim,
        NewFile,
        NewPart,
        ObjectInfo,
        ObjectKind,
        Registered,
        Settlement,
        StoredObject,
        newest,
    )

__all__ = [
    "ChainReport",
    "Claim",
    "Document",
    "Dossier",
    "Event",
    "Head",
    "KeptObject",
    "Ledger",
    "LedgerAccepted",
    "LedgerFinding",
    "LedgerOptions",
    "ListedObject",
    "ListedVersion",
    "NewClaim",
    "NewFile",
    "NewPart",
    "ObjectInfo",
    "ObjectKind",
    "Objects",
    "Proven",
    "Registered",
    "RetentionMode",
    "Settlement",
    "StageCount",
    "StoreOptions",
    "StoredObject",
    "hash_of",
    "newest",
]

if not TYPE_CHECKING:  # a type checker would believe in every name
    __getattr__ = door(
        __name__,
        {
            "chain": ("hash_of",),
            "figures": ("StageCount",),
            "ledger": ("Ledger",),
            "objects": ("Objects",),
            "options": (
                "LedgerOptions",
                "RetentionMode",
                "StoreOptions",
            ),
            "proving": (
                "LedgerAccepted",
                "Proven",
            ),
            "records": (
                "ChainReport",
                "Claim",
                "Document",
                "Dossier",
                "Event",
                "Head",
                "KeptObject",
                "LedgerFinding",
                "ListedObject",
                "ListedVersion",
                "NewClaim",
                "NewFile",
                "NewPart",
                "ObjectInfo",
                "ObjectKind",
                "Registered",
                "Settlement",
                "StoredObject",
                "newest",
            ),
        },
    )
