"""Which functions are use cases: all public ones of ``usecases`` that are given a room.

Left out are modules that are no face's business: they are the work itself, its files and its words.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import usecases
from ocr import ReaderPool
from signing import Signer
from storage import Ledger, Objects
from usecases.context import AppContext
from usecases.rooms import Rooms

ROOMS = (Ledger, Objects, Rooms, AppContext, Signer, ReaderPool)

WORK = {
    "attachments": "a step: papers inside a file",
    "attempts": "how often somebody may try to sign in",
    "caller": "who asks, and what they may",
    "corrections_kept": "the night: what people confirmed is kept to learn from",
    "context": "what a worker's process has",
    "delivering": "the sender beside the watcher's flows",
    "digitise": "a step: from a file to a manifest and a PDF/A",
    "doc_codes": "asked by steps, and by use cases after they asked for permission",
    "documents": "a step: of a dossier",
    "double_entry": "what a review asks of documents that are entered twice",
    "due": "a step: when the result is due",
    "dossiers": "where permission is asked for",
    "given": "what may be given to an account or a token",
    "passwords": "hashed and compared",
    "sharing": "where permission is asked for what others share",
    "sign_in": "how somebody becomes a caller",
    "fixity": "the look itself; people ask for it by `trust`",
    "index": "a step: the dossier's index",
    "arrived_scans": "files that were let in already",
    "phone_scans": "who has a one-time address, and nobody else is asked",
    "taken_file": "asked by use cases after they asked for permission",
    "public_check": "who holds a copy has its code, and nobody else is asked",
    "public_codes": "a step: the code that a document gets before it is signed",
    "told_fields": "asked by use cases after they asked for permission",
    "typed_before": "asked by use cases after they asked for permission",
    "unreadable": "asked by use cases after they asked for permission",
    "originals": "the files as they came, of what is worked on",
    "register": "a step: asking the population register",
    "remaking": "a step: what was lost is made again",
    "sheet_sources": "asked by `carpet` after it asked for permission",
    "sweeping": "the night: what a published dossier left behind",
    "steps": "the steps of a dossier",
    "workspace": "the files of a document at work",
}
WITHIN = {
    "approval.awaiting": "asked by use cases after they asked for permission",
    "components.checklist_of": "asked by use cases after they asked for permission",
    "components.replaced_by_data": "asked by use cases after they asked for permission",
    "find.reached_departments": "asked by use cases after they asked for permission",
    "overview.manifest_of": "asked by use cases after they asked for permission",
    "overview.named_fields": "asked by use cases after they asked for permission",
    "pictures.pdf_of": "asked by use cases after they asked for permission",
    "search_index.index_missing": "the night: what is not in the search index yet",
    "search_index.put_into_index": "a step: what was published can be found",
    "search_index.try_to_index": "a step: what was published can be found",
    "archive.renew": "a file of the caller's own",
    "identity_pictures.is_hidden": "asked by use cases after they asked for permission",
    "identity_pictures.is_identity": "asked by use cases after they asked for permission",
    "identity_pictures.see": "asked by use cases after they asked for permission",
    "handing_in.key_of": "a hash of what the caller said",
    "handing_in.receiving": "a folder alone: who fills it was asked for permission",
    "links.opened": "a signed link says whose right it is",
    "look.dossier_view": "asked by use cases after they asked for permission",
    "look.document_view": "asked by use cases after they asked for permission",
    "pictures.document_pdf": "asked by use cases after they asked for permission",
    "queue.of_department": "asked by use cases after they asked for permission",
    "shared_documents.descriptions": "asked by use cases after they asked for permission",
    "shared_documents.read_again": "asked by use cases after they asked for permission",
    "review.doubts": "asked by use cases after they asked for permission",
    "review.nothing_waits": "the error of a use case",
}


def use_cases() -> Iterator[tuple[ModuleType, str, Callable[..., Any]]]:
    """Every public function that is given a room, or takes a caller."""
    for found in pkgutil.iter_modules(usecases.__path__):
        if found.name in WORK:
            continue
        module = importlib.import_module(f"usecases.{found.name}")
        for name in getattr(module, "__all__", None) or vars(module):
            made = getattr(module, name)
            own = inspect.isfunction(made) and made.__module__.startswith(module.__name__)
            if name.startswith("_") or not own or f"{found.name}.{name}" in WITHIN:
                continue
            taken = inspect.signature(made).parameters.values()
            if any(one.annotation in ROOMS or one.name == "caller" for one in taken):
                yield module, name, made
