"""Asking the population register about what was read; every look-up is an event in the ledger."""

from schemas.document_type import document_type
from schemas.errors import ServiceUnavailable
from schemas.manifest import Manifest, walk_fields
from schemas.registry import AGREES, KNOWN, PopulationRegistry, RegisterEntry, compared, numbers_in
from storage import Document, Dossier
from usecases.context import ACTOR, AppContext

LOOK_UP = "register_look_up"
"""The kind of the event; it holds the outcome, never the number that was asked for."""

AWAY = "registry.away"
"""A warning in the manifest: the register did not answer, so nothing was compared."""


def with_register(
    context: AppContext,
    registry: PopulationRegistry,
    dossier: Dossier,
    document: Document,
    manifest: Manifest,
) -> Manifest:
    """The manifest with the register's answer on each personal number; the caller keeps it.

    A manifest that bears the checks already is given back as it is, and nobody is asked. A
    register that does not answer leaves the fields as they are, and says so in the warnings.
    """
    names = {check.name for _, field in walk_fields(manifest.fields) for check in field.checks}
    if names & {AGREES, KNOWN} or AWAY in manifest.warnings:
        return manifest
    types = context.pool.options.types
    known = document_type(manifest.document_type or "", manifest.form_version, types)
    numbers = numbers_in(manifest.fields, known) if known else ()
    if known is None or not numbers:
        return manifest
    reason = f"{dossier.code}/{document.label}"
    entries: dict[str, RegisterEntry | None] = {}
    away = False
    for at, number in enumerate(numbers, 1):
        try:
            entries[number] = registry.look_up(number, reason=reason)
            outcome = "known" if entries[number] else "unknown"
        except ServiceUnavailable:
            away, outcome = True, "away"
        context.ledger.note(
            dossier.id, document.id, ACTOR, LOOK_UP, data={"person": at, "outcome": outcome}
        )
        if away:
            break
    fields = compared(manifest.fields, known, entries)
    warnings = (*manifest.warnings, AWAY) if away else manifest.warnings
    return manifest.model_copy(update={"fields": fields, "warnings": warnings})
