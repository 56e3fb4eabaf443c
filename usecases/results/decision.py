"""A decision (quyết định) in the layout of Decree 30/2020, template 1.2."""

from datetime import date
from pathlib import Path

from pydantic import Field

from schemas.page import Frozen
from usecases.results.paper import Issuer, Paper, SignatureBlock


class Article(Frozen):
    """One article; its number is its place in the list."""

    text: str = Field(min_length=1)


class Decision(Frozen):
    """What a decision says."""

    issuer: Issuer
    number: str = Field(min_length=1, description="number and symbol: 123/QĐ-UBND")
    day: date
    subject: str = Field(description="Về việc …")
    authority: str = Field(description="who decides, in capitals: CHỦ TỊCH ỦY BAN NHÂN DÂN …")
    grounds: tuple[str, ...] = Field(description="each begins with Căn cứ or Theo")
    articles: tuple[Article, ...] = Field(min_length=1)
    receivers: tuple[str, ...] = ()
    signer: SignatureBlock
    check: str | None = Field(None, description="address that its QR code leads to")


def draw_decision(decision: Decision, out: Path) -> None:
    """Write the decision to ``out`` (PDF/A-2b).

    Raises:
        InputRejected: a text has letters that the font lacks.
        MissingDependency: no font with the metrics of Times New Roman.
    """
    paper = Paper(f"Quyết định {decision.number}")
    paper.letterhead(decision.issuer, decision.number, decision.day)
    paper.line_of("QUYẾT ĐỊNH", 14, "B", "C")
    paper.line_of(decision.subject, 14, "B", "C")
    paper.rule(paper.l_margin + paper.epw / 2, 40)
    paper.ln(5)
    paper.line_of(decision.authority, 14, "B", "C")
    for number, ground in enumerate(decision.grounds, start=1):
        ending = "." if number == len(decision.grounds) else ";"
        paper.line_of(ground.rstrip(".;") + ending, 14, "I", "J", indent=10)
    paper.line_of("QUYẾT ĐỊNH:", 14, "B", "C")
    for number, article in enumerate(decision.articles, start=1):
        ending = "./." if number == len(decision.articles) else "."
        text = f"Điều {number}. {article.text.rstrip('./ ')}{ending}"
        paper.line_of(text, 14, "", "J", indent=10)
    paper.signer(decision.signer, decision.receivers, decision.check)
    paper.save(out)
