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
    from storage.queueing import EVERYTHING, QueueFilter
    from storage.records import (
        Approval,
        ChainReport,
        Claim,
        Decision,
        Document,
        Dossier,
        Event,
        Head,
        KeptObject,
        LedgerFinding,
        ListedObject,
        ListedVersion,
        NewClaim,
        NewDecision,
        NewFile,
        NewPart,
        ObjectInfo,
        ObjectKind,
        Reason,
        Registered,
        Settlement,
        StoredObject,
        newest,
    )

__all__ = [
    "EVERYTHING",
    "Approval",
    "ChainReport",
    "Claim",
    "Decision",
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
    "NewDecision",
    "NewFile",
    "NewPart",
    "ObjectInfo",
    "ObjectKind",
    "Objects",
    "Proven",
    "QueueFilter",
    "Reason",
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
    __getattr__ = door(__name__)
