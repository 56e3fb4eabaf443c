"""Every department, grant and way of ``/api/v1/documents``: what comes is theirs or shared.

As :mod:`test_portal_sharing_matrix` for pages and commands, held against the same plain rule.
"""

import io
import zipfile
from collections.abc import Iterator

import pytest
from desk_office import HERE, Browser, DeskOffice
from sharing_office import (
    BIRTH,
    CARD,
    DEPARTMENTS,
    JUSTICE,
    ONE,
    PAPERS,
    SAID,
    TAX,
    Given,
    Paper,
    Reading,
    marks,
    reaches,
    sharing_office,
)

from portal.sessions import own_word
from schemas.dossier import Stage
from schemas.sharing import Shared
from usecases.doc_codes import codes_of

BASE = "/api/v1/documents"
NONE = "H00_QD_000099_V2"
SCENARIOS: dict[str, tuple[Given, ...]] = {
    "nothing": (),
    "a type with a withdrawn one": (Given(Shared.document_type, "quyet_dinh"),),
    "identity cards": (Given(Shared.document_type, CARD),),
    "a procedure": (Given(Shared.procedure, BIRTH),),
    "a dossier": (Given(Shared.dossier, ONE),),
    "over": (Given(Shared.dossier, ONE, first=-3, last=-1),),
    "ended": (Given(Shared.document_type, "ct01", ended=True),),
    "the other way": (Given(Shared.document_type, "quyet_dinh", giver=TAX, receiver=HERE),),
    "not passed on": (
        Given(Shared.document_type, "ct01", receiver=JUSTICE),
        Given(Shared.document_type, "ct01", giver=JUSTICE),
    ),
}
Codes = dict[Reading, str]


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[DeskOffice, tuple[Given, ...], Codes]]:
    given = SCENARIOS[request.param]
    with sharing_office(tmp_path_factory.mktemp("sharing")) as desk:
        for one in given:
            one.enter(desk)
        yield desk, given, codes(desk)
        assert desk.rooms.ledger.examine() == ()


def codes(desk: DeskOffice) -> Codes:
    """The DocCode of each paper's signed file."""
    ledger, found = desk.rooms.ledger, {}
    for paper in PAPERS:
        dossier = ledger.dossier(paper.code, paper.department)
        assert dossier is not None
        document = ledger.documents(dossier.id)[paper.number - 1]
        series = codes_of(ledger, desk.rooms.coding, [document])[document.id].series
        found[paper[:3]] = series.version(2)
    return found


def wanted(department: str, given: tuple[Given, ...], *stages: Stage) -> set[Reading]:
    return {one[:3] for one in PAPERS if one.stage in stages and reaches(one, department, given)}


def link(browser: Browser, code: str) -> str:
    """The text of the file by a link; nothing where there is none."""
    headers = {"x-csrf-token": own_word(browser.token or ""), **SAID}
    made = browser.post(f"{BASE}/{code}/links", headers=headers)
    return browser.get(made.json()["Link"]).text if made.status_code == 200 else ""


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_what_comes_is_theirs_or_shared(
    scenario: tuple[DeskOffice, tuple[Given, ...], Codes], department: str
) -> None:
    desk, given, code_of = scenario
    browser = desk.signed_in(f"reader.{department}")
    published = wanted(department, given, Stage.published)
    told = wanted(department, given, Stage.published, Stage.withdrawn)
    page = browser.get(f"{BASE}?limit=200").json()["Documents"]
    assert {(one["Department"], one["Dossier"], one["Number"]) for one in page} == published
    nothing = {
        path: browser.get(f"{BASE}/{path}{NONE}", headers=SAID).text for path in ("", "download/")
    }
    for paper in PAPERS:
        reading, code = paper[:3], code_of[paper[:3]]
        seen = browser.get(f"{BASE}/{code}", headers=SAID)
        assert (seen.status_code == 200) is (reading in told), paper
        file = browser.get(f"{BASE}/download/{code}", headers=SAID)
        comes = reading in published and paper.kind != CARD
        assert marks(file.text) == ({reading} if comes else set()), paper
        assert marks(link(browser, code)) == ({reading} if comes else set()), paper
        head = browser.head(f"{BASE}/download/{code}")
        assert (head.status_code == 200) is comes
        scan = browser.get(f"{BASE}/download/{code.replace('_V2', '_V1')}", headers=SAID)
        own = comes and paper.department == department
        assert marks(scan.text) == ({reading} if own else set())
        if reading not in told:
            assert seen.text == nothing[""] and file.text == nothing["download/"]
            query = f"?dossier={paper.code}&department={paper.department}"
            lines = browser.get(BASE + query).json()["Documents"]
            assert paper.number not in {one["Number"] for one in lines}


@pytest.mark.parametrize("department", [TAX, JUSTICE])
def test_an_archive_has_what_is_shared_and_not_hidden(
    scenario: tuple[DeskOffice, tuple[Given, ...], Codes], department: str
) -> None:
    desk, given, _ = scenario
    browser = desk.signed_in(f"reader.{department}")
    published = wanted(department, given, Stage.published)
    kinds = {one[:3]: one.kind for one in PAPERS}
    for unit, code in dict.fromkeys((one.department, one.code) for one in PAPERS):
        if unit == department:
            continue  # evidence needs keys, which this office has not
        answer = browser.get(f"/results/{code}/dossier.zip?department={unit}", headers=SAID)
        its = {one for one in published if one[:2] == (unit, code) and kinds[one] != CARD}
        if answer.status_code != 200:
            assert not its or whole(unit, code, department, given), answer.text
            assert marks(answer.text) == set()
            continue
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            text = " ".join(archive.read(name).decode() for name in archive.namelist())
            assert not [name for name in archive.namelist() if "evidence" in name]
        assert marks(text) == its


def whole(unit: str, code: str, department: str, given: tuple[Given, ...]) -> bool:
    """Whether all of a dossier is shared and nothing of it hidden: then it has evidence."""
    its: list[Paper] = [one for one in PAPERS if (one.department, one.code) == (unit, code)]
    return all(reaches(one, department, given) and one.kind != CARD for one in its)
