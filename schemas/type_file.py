"""A document type written as the YAML file that gives it again."""

from typing import Any

import yaml

from schemas.document_type import DocumentType

WIDTH = 110
"""Characters of a line at most, where YAML can be broken."""


def written(spec: DocumentType, *remarks: str) -> str:
    """The file of a type: what is as it is anyway is left out, short lists stand in one line.

    Args:
        spec: the type.
        remarks: comments for the file's head, a line each.
    """
    whole = spec.model_dump(mode="json", exclude_defaults=True)
    fields = whole.pop("fields", [])
    rules = whole.pop("rules", [])
    head = "".join(f"# {line}\n" for line in remarks)
    return (
        head + _yaml(whole) + _yaml({"fields": fields}) + (_yaml({"rules": rules}) if rules else "")
    )


def _yaml(part: dict[str, Any]) -> str:
    return yaml.dump(
        part,
        Dumper=_Dumper,
        default_flow_style=None,
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH,
    )


class _Dumper(yaml.SafeDumper):
    """Without references: each list says what it holds."""

    def ignore_aliases(self, data: Any) -> bool:
        """No anchors."""
        return True
