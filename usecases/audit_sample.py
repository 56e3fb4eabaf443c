"""The blind sample: values accepted by machines that a person is shown as if they were doubtful.

Which ones are picked is decided when a document is read (``reading.audit_share``). Who knew that a
value is one of them would not look at it: no face says so, and its confidence is not shown. What
came of it stands in the event that ends the review. Pure.
"""

import hashlib

from schemas.field import Field, FieldStatus
from schemas.manifest import Manifest

PERSON = "person"
"""The reader's name where a value was typed or confirmed by a person."""
CHECK = "audit"
"""The check that a picked value fails."""
REASON, INSTEAD = f"reasons.{CHECK}", "reasons.unsure"
LEAST, MOST = 0.55, 0.95
"""Between these the confidence of values lies that really are doubtful."""


def is_picked(field: Field) -> bool:
    """Whether machines had accepted a value, and a person looks all the same."""
    return any(check.name == CHECK for check in field.checks)


def as_doubtful(path: str, field: Field, seed: str) -> Field:
    """A field as people are shown it: while it is doubtful nothing tells that it was picked.

    Args:
        path: of the field.
        field: as its manifest has it.
        seed: the same for the same document, so that it looks the same each time.
    """
    if field.status is not FieldStatus.review or not is_picked(field):
        return field
    drawn = int.from_bytes(hashlib.sha256(f"shown {seed}/{path}".encode()).digest()[:4], "big")
    return field.model_copy(
        update={
            "confidence": LEAST + (MOST - LEAST) * drawn / 2**32,
            "checks": tuple(one for one in field.checks if one.name != CHECK),
            "reasons": tuple(INSTEAD if code == REASON else code for code in field.reasons),
        }
    )


def outcomes(read: Manifest, reviewed: Manifest) -> dict[str, bool]:
    """Whether machines were right about each value that was picked, by its path.

    Those at which nobody looked (``sohoa review --accept``) tell nothing.

    Args:
        read: the manifest as it was read.
        reviewed: the same with what people decided.
    """
    after = dict(reviewed.walk())
    return {
        path: after[path].value == field.value
        for path, field in read.walk()
        if is_picked(field) and any(one.reader == PERSON for one in after[path].readers)
    }
