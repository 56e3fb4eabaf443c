"""A signed file lost or damaged before it was stored: taken from the store, or signed anew."""

from typing import Any

import pytest
from harmed_files import HARM, TESTER, Case, Harm, own, removed
from stacks import CODE, stack

from schemas.dossier import Stage
from schemas.errors import Conflict, ServiceUnavailable
from signing import Signer, Trust
from usecases.evidence import check, export
from usecases.remaking import signed_name


@HARM
async def test_a_signed_file_lost_before_it_was_stored_is_signed_anew_and_said(
    at: Case, keys: tuple[Signer, Trust], harm: Harm
) -> None:
    document = await at.at_stage(Stage.signed)
    harm(own(at, "signed-*.pdf"))
    for path in at.kept("made/signed-*"):
        harm(path)
    await at.run()
    assert at.settled(CODE) == [Stage.published]
    now = at.document
    assert now.signed_sha256 != document.signed_sha256
    (event,) = [one for one in at.ledger.events() if one.kind == "signature_lost"]
    assert (event.hash_before, event.hash_after) == (document.signed_sha256, now.pdfa_sha256)
    assert at.kinds().count("signed") == 2
    out = at.root / "e.asice"
    export(TESTER, at.rooms, CODE, out, keys[0])
    assert check(out, keys[1]).faults == ()


class Away:
    """A store that does not answer."""

    def __init__(self, store: Any) -> None:
        self.options = store.options

    def __getattr__(self, name: str) -> Any:
        def away(*_: object, **__: object) -> None:
            raise ServiceUnavailable("storing.store_unavailable", endpoint="x")

        return away


async def test_nothing_is_signed_anew_before_the_store_was_asked(at: Case) -> None:
    await at.at_stage(Stage.signed)
    await at.step("sign")
    removed(own(at, "signed-*.pdf"))
    store = at.store
    at.store = Away(store)  # type: ignore[assignment]
    with pytest.raises(ServiceUnavailable):
        await at.step("store")
    assert at.document.stage is Stage.signed
    assert "signature_lost" not in at.kinds()


@HARM
async def test_a_signed_file_lost_here_comes_from_the_store(at: Case, harm: Harm) -> None:
    document = await at.at_stage(Stage.signed)
    harm(own(at, "signed-*.pdf"))
    await at.run()
    assert at.settled(CODE) == [Stage.published]
    assert at.document.signed_sha256 == document.signed_sha256
    assert at.kinds().count("signed") == 1


async def test_what_another_host_signed_before_the_ledger_knew_counts(at: Case) -> None:
    """Killed between the store and the ledger; this host has nothing of it."""
    document = await at.at_stage(Stage.ready_to_sign)
    pdf = own(at, "document-*.pdf")
    theirs = at.root / "theirs.pdf"
    made = at.signer.sign(pdf, theirs, reference="x")
    at.store.keep_made(document.claim_id, theirs, signed_name(document))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(at.signer), "sign", None)  # nothing is signed here
        await at.run()
    assert at.settled(CODE) == [Stage.published]
    assert at.document.signed_sha256 == made.sha256


async def test_a_signed_file_that_somebody_put_into_the_store_is_not_believed(at: Case) -> None:
    document = await at.at_stage(Stage.ready_to_sign)
    other = stack(at.root / "b.pdf", "THÔNG BÁO")
    theirs = at.root / "theirs.pdf"
    at.signer.sign(other, theirs, reference="x")
    at.store.keep_made(document.claim_id, theirs, signed_name(document))
    with pytest.raises(Conflict) as failed:
        await at.step("sign")
    assert failed.value.code == "flow.signed_foreign"
    assert at.document.stage is Stage.failed


async def test_a_signed_file_that_reached_the_store_is_adopted_from_there(at: Case) -> None:
    """Killed between the store and the ledger, and the file lost meanwhile."""
    document = await at.at_stage(Stage.signed)
    signed = own(at, "signed-*.pdf")
    for path in at.kept("made/*"):
        removed(path)
    key = f"mot-cua/{CODE}/component-001.pdf"
    at.store.put("results", key, signed, media_type="application/pdf")
    removed(signed)
    await at.run()
    assert at.settled(CODE) == [Stage.published]
    assert at.document.signed_sha256 == document.signed_sha256
    assert at.kinds().count("signed") == 1


@HARM
async def test_a_signed_file_damaged_before_the_ledger_knew_of_it(at: Case, harm: Harm) -> None:
    document = await at.at_stage(Stage.ready_to_sign)
    pdf = own(at, "document-*.pdf")
    at.signer.sign(pdf, at.workspace.signed_beside(pdf), reference="x")
    harm(own(at, "signed-*.pdf"))
    await at.run()
    assert at.settled(CODE) == [Stage.published]
    assert at.kinds().count("signature_set_aside") == (0 if harm is removed else 1)
    assert document.pdfa_sha256 == at.document.pdfa_sha256
