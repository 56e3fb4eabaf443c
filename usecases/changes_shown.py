"""What people changed of a document before it was read, for who looks at it later. Pure."""

from collections.abc import Iterator

from schemas.manifest import Manifest
from schemas.messages import Language, sentence
from schemas.views import WhyView


def changes_said(manifest: Manifest, language: Language) -> Iterator[WhyView]:
    """A sentence for each page that was scanned again or turned, and for a type that was said.

    Args:
        manifest: of the document; pages are named as it counts them.
        language: of the sentences.
    """
    changes, own = manifest.changes, manifest.source.pages
    numbers = {page: at for at, page in enumerate(own, 1)} if own else None
    for code, pages in (
        ("usecase.page_replaced", changes.pages),
        ("usecase.page_turned", changes.turned),
    ):
        for page in sorted(pages):
            number = page if numbers is None else numbers.get(page)
            if number is not None:
                yield WhyView(code=code, sentence=sentence(code, language, page=number))
    if changes.document_type is not None:
        yield WhyView(code="usecase.type_told", sentence=sentence("usecase.type_told", language))
