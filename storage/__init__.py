"""The ledger of dossiers and the store of objects. Imports ``schemas`` only."""

from typing import TYPE_CHECKING

from schemas.door import door

if TYPE_CHECKING:
    from storage.accounts import Account, Accounts, LastOne, NewAccount
    from storage.activity import FailedDocument, FailedWith, HourCount, InHand
    from storage.chain import hash_of
    from storage.delegations import ApprovalDelegation, Delegations, NewDelegation
    from storage.deliveries import Deliveries, ListedDelivery
    from storage.doc_codes import DocCodes, KnownCode, NewCode, SaidDescription
    from storage.entries import SETTLING, Entered, Entry
    from storage.figures import StageCount
    from storage.grants import Grants
    from storage.hand_ins import HandIn, NewHandIn
    from storage.indicators import Audited, Decided, DocumentTimes, Indicators, Period, Readings
    from storage.intake import DESK
    from storage.ledger import Ledger
    from storage.listing import DossierFilter, PublishedFilter, PublishedRow, WaitingCount
    from storage.objects import Objects
    from storage.options import LedgerOptions, RetentionMode, StoreOptions
    from storage.outbox import Delivery, Failure, Outbox
    from storage.proving import LedgerAccepted, Proven
    from storage.public_codes import PUBLIC_CODE_MADE, LookedUp, PublicCode, PublicCodes
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
        InStead,
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
        voices,
    )
    from storage.replacing import NewScan
    from storage.rescans import Picture, Rescan
    from storage.review_leases import ReviewLease
    from storage.search import FoundRow, PersonRow, Search
    from storage.search_filter import SearchFilter
    from storage.search_indexed import SearchText
    from storage.search_match import Fit
    from storage.sessions import Access, Session
    from storage.sharing import SHOWN_TO_OTHERS, Grant, NewGrant, Reach
    from storage.sheets import NewZone, SettledZone, Sheet, SheetZone
    from storage.targets import Backlog, NewTarget, Target, Targets
    from storage.tokens import NewToken, Token

__all__ = [
    "DESK",
    "EVERYTHING",
    "PUBLIC_CODE_MADE",
    "SETTLING",
    "SHOWN_TO_OTHERS",
    "Access",
    "Account",
    "Accounts",
    "Approval",
    "ApprovalDelegation",
    "Audited",
    "Backlog",
    "ChainReport",
    "Claim",
    "Decided",
    "Decision",
    "Delegations",
    "Deliveries",
    "Delivery",
    "DocCodes",
    "Document",
    "DocumentTimes",
    "Dossier",
    "DossierFilter",
    "Entered",
    "Entry",
    "Event",
    "FailedDocument",
    "FailedWith",
    "Failure",
    "Fit",
    "FoundRow",
    "Grant",
    "Grants",
    "HandIn",
    "Head",
    "HourCount",
    "InHand",
    "InStead",
    "Indicators",
    "KeptObject",
    "KnownCode",
    "LastOne",
    "Ledger",
    "LedgerAccepted",
    "LedgerFinding",
    "LedgerOptions",
    "ListedDelivery",
    "ListedObject",
    "ListedVersion",
    "LookedUp",
    "NewAccount",
    "NewClaim",
    "NewCode",
    "NewDecision",
    "NewDelegation",
    "NewFile",
    "NewGrant",
    "NewHandIn",
    "NewPart",
    "NewScan",
    "NewTarget",
    "NewToken",
    "NewZone",
    "ObjectInfo",
    "ObjectKind",
    "Objects",
    "Outbox",
    "Period",
    "PersonRow",
    "Picture",
    "Proven",
    "PublicCode",
    "PublicCodes",
    "PublishedFilter",
    "PublishedRow",
    "QueueFilter",
    "Reach",
    "Readings",
    "Reason",
    "Registered",
    "Rescan",
    "RetentionMode",
    "ReviewLease",
    "SaidDescription",
    "Search",
    "SearchFilter",
    "SearchText",
    "Session",
    "SettledZone",
    "Settlement",
    "Sheet",
    "SheetZone",
    "StageCount",
    "StoreOptions",
    "StoredObject",
    "Target",
    "Targets",
    "Token",
    "WaitingCount",
    "hash_of",
    "newest",
    "voices",
]

if not TYPE_CHECKING:  # a type checker would believe in every name
    __getattr__ = door(__name__)
