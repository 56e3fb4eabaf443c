"""``GET /api/v1/openapi.json``: what ``/api/v1`` takes and answers (OpenAPI 3.1).

For who may ask something there: it names no dossier, but how the desk is made is nobody else's.
"""

from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from portal.rules import HEADER, Pages, RuledRoute, Who
from portal.visit import AVisit
from schemas.shared_document import Description
from usecases.importing import REQUIRED

pages = Pages()

TAKEN = {
    "type": "object",
    "required": ["component"],
    "properties": {
        "component": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "result": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "department": {"type": "string", "maxLength": 100},
        "code": {"type": "string", "maxLength": 80},
    },
}
"""What handing in takes: its body is read as it comes, and no annotation says it."""
IMPORTED = {
    "type": "object",
    "required": [*REQUIRED],
    "properties": {
        **Description.model_json_schema()["properties"],
        "file": {"type": "string", "format": "binary", "description": "a component"},
        "result": {"type": "string", "format": "binary", "description": "instead: a result"},
        "DocCode": {"type": "string", "maxLength": 30, "description": "its sender's own"},
        "Department": {"type": "string", "maxLength": 100},
        "Dossier": {"type": "string", "maxLength": 80},
    },
}
"""What an import takes: one file, and what its sender says it is."""
BODIES = {"/api/v1/dossiers": TAKEN, "/api/v1/documents/import": IMPORTED}
FILE = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
RANGED = {
    "206": {"description": "the range that was asked for", "content": FILE},
    "304": {"description": "who asks has it already"},
    "416": {"description": "nothing of it lies in that range"},
}
CONDITIONS = ("Range", "If-Range", "If-None-Match")
"""Headers by which a file is asked for in part, or only where it is not known."""
WAYS_IN = {
    "token": {"type": "http", "scheme": "bearer", "description": "of `sohoa token add`"},
    "session": {"type": "apiKey", "in": "header", "name": HEADER, "description": "of the desk"},
}
REFUSALS = {
    "400": "it lacks something, or has what cannot be",
    "401": "nobody has signed in, or the token has ended",
    "403": "the right is missing",
    "404": "it is not there, or another department's",
    "409": "it has changed meanwhile",
    "408": "came too slowly",
    "413": "too large",
    "428": "another department's: say what for (Sohoa-Purpose)",
    "429": "too much at once",
    "503": "a service or the disk has no room; later",
}
REFUSED = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "sentence"],
            "properties": {"code": {"type": "string"}, "sentence": {"type": "string"}},
        }
    },
}


@pages.get("/api/v1/openapi.json", Who.signed_in)
def description(visit: AVisit) -> Response:
    """What can be asked here."""
    kept = visit.request.app.state
    if not hasattr(kept, "description"):
        kept.description = described(visit.request.app.routes)
    return JSONResponse(kept.description)


def described(routes: list[Any]) -> dict[str, Any]:
    """The OpenAPI document of those of the routes that are for systems and scripts."""
    asked = [one for one in routes if isinstance(one, RuledRoute) and one.rule.api]
    made = get_openapi(title="Sohoa", version="1", routes=asked)
    made["security"] = [{name: []} for name in WAYS_IN]
    parts = made.setdefault("components", {})
    parts["securitySchemes"] = WAYS_IN
    parts.setdefault("schemas", {})["Refused"] = REFUSED
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Refused"}}}
    for path, acts in made["paths"].items():
        for method, act in acts.items():
            for status, why in REFUSALS.items():
                act["responses"].setdefault(status, {"description": why, "content": refused})
            if "422" in act["responses"]:
                act["responses"]["422"]["content"] = refused
            if method == "post" and path in BODIES:
                act["requestBody"] = {
                    "required": True,
                    "content": {"multipart/form-data": {"schema": BODIES[path]}},
                }
                act["responses"]["202"] = act["responses"].pop("200")
    for one in asked:
        for method in one.methods or ():
            if one.rule.file:
                _describe_file(made["paths"][one.path][method.lower()], method)
    return made


def _describe_file(act: dict[str, Any], method: str) -> None:
    """What is answered with a file: all of it, or a range."""
    if method == "HEAD":
        act["responses"]["200"] = {"description": "name, size and hash, in headers"}
        return
    act["responses"]["200"] = {"description": "the file", "content": FILE}
    act["responses"] |= RANGED
    act.setdefault("parameters", []).extend(
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
        for name in CONDITIONS
    )
