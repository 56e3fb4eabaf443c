"""Results by template: fields from a file, checked, drawn."""

from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import ValidationError

from schemas.errors import Conflict, InputRejected
from usecases.results.decision import Decision, draw_decision
from usecases.results.residence import ResidenceConfirmation, draw_residence_confirmation


class Template(StrEnum):
    """What can be drawn."""

    decision = "decision"
    """Quyết định, 30/2020/NĐ-CP, template 1.2."""
    ct07 = "ct07"
    """Xác nhận thông tin về cư trú."""


def draw(template: Template, fields: Path, out: Path) -> None:
    """Draw a result from the YAML or JSON in ``fields`` to ``out`` (PDF/A-2b).

    Raises:
        InputRejected: ``fields`` cannot be read, lacks fields or has others than the template; or
            a text has letters that the font lacks.
        Conflict: ``out`` exists.
        MissingDependency: no font with the metrics of Times New Roman.
    """
    if out.exists():
        raise Conflict("signing.result_exists")
    try:
        values = yaml.safe_load(fields.read_bytes())
        if template is Template.decision:
            draw_decision(Decision.model_validate(values), out)
        else:
            draw_residence_confirmation(ResidenceConfirmation.model_validate(values), out)
    except yaml.YAMLError as exc:
        raise InputRejected("signing.result_unreadable") from exc
    except ValidationError as exc:
        wrong = sorted({".".join(str(part) for part in one["loc"]) for one in exc.errors()})
        raise InputRejected("signing.result_fields", fields=", ".join(filter(None, wrong))) from exc
