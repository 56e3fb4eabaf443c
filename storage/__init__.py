"""The ledger of dossiers and the store of objects. Imports ``schemas`` only."""

from typing import TYPE_CHECKING

from schemas.door import door

if TYPE_CHECKING:
    from storage.accounts import Account, Accounts, LastOne, NewAccount
    from storage.activity import FailedDocument, FailedWith, HourCount, InHand
    from storage.chain import hash_of
    from storage.delegations import ApprovalDelegation, Delegations, NewDelegation
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
    from storage.tokens import NewToken, Token

__all__ = [
    "DESK",
    "EVERYTHING",
    "SETTLING",
    "SHOWN_TO_OTHERS",
    "Access",
    "Account",
    "Accounts",
    "Approval",
    "ApprovalDelegation",
    "Audited",
    "ChainReport",
    "Claim",
    "Decided",
    "Decision",
    "Delegations",
    "Document",
    "DocumentTimes",
    "Dossier",
    "DossierFilter",
    "Entered",
    "Entry",
    "Event",
    "FailedDocument",
    "FailedWith",
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
    "LastOne",
    "Ledger",
    "LedgerAccepted",
    "LedgerFinding",
    "LedgerOptions",
    "ListedObject",
    "ListedVersion",
    "NewAccount",
    "NewClaim",
    "NewDecision",
    "NewDelegation",
    "NewFile",
    "NewGrant",
    "NewHandIn",
    "NewPart",
    "NewScan",
    "NewToken",
    "NewZone",
    "ObjectInfo",
    "ObjectKind",
    "Objects",
    "Period",
    "PersonRow",
    "Picture",
    "Proven",
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
    "Token",
    "WaitingCount",
    "hash_of",
    "newest",
    "voices",
]

if not TYPE_CHECKING:  # a type checker would believe in every name
    __getattr__ = door(__name__)
