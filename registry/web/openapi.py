"""What the API is, as an OpenAPI 3.1 document; a test holds it against the routes and the answers."""

from typing import Any

from registry.intake.batches import Kind, Missing, NameAlone, Release, State
from registry.intake.receiving import LARGEST_UPLOAD

Json = dict[str, Any]

_WORDS: Json = {
    "type": "object",
    "properties": {"th": {"type": "string"}, "en": {"type": "string"}},
    "required": ["th", "en"],
}
_MOMENT: Json = {"type": ["string", "null"], "format": "date-time"}
_NEXT: Json = {"type": ["integer", "null"], "description": "Ask again with this as `after`; null at the end."}
_FILE_TYPES = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/x-ndjson",
    "application/geo+json",
    "application/octet-stream",
)


def _list_of(schema: Json) -> Json:
    return {"type": "array", "items": schema}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: str, **properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": required.split()}


SCHEMAS: Json = {
    "Batch": _object(
        "id state license_type source file options counts warnings acts progress needs_second_person"
        " undo_of proposed_at released_at done_at",
        id={"type": "integer"},
        state={"enum": [*State]},
        license_type={"type": "string", "description": "Slug of the license type."},
        source={"type": "string", "description": "The agency's own name for this kind of file."},
        file=_object(
            "name sha256",
            name={"type": "string"},
            sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
            size={"type": "integer"},
        ),
        options=_object(
            "release missing name_alone",
            release={"enum": [*Release]},
            missing={"enum": [*Missing]},
            name_alone={"enum": [*NameAlone]},
        ),
        counts={"type": "object", "propertyNames": {"enum": [*Kind]}},
        warnings={
            "type": "integer",
            "description": "Rows that go in and should be looked at; the diff says why.",
        },
        acts={"type": "object", "description": "How many acts of each kind the rows make."},
        progress={"type": "object", "additionalProperties": {"type": "integer"}},
        needs_second_person={
            "type": "boolean",
            "description": "Another officer has to release it on the office's page; no key can.",
        },
        refused={**_WORDS, "description": "Why the file could not be read."},
        undo_of={"type": ["integer", "null"]},
        proposed_at=_MOMENT,
        released_at=_MOMENT,
        done_at=_MOMENT,
    ),
    "Batches": _object("batches next", batches=_list_of(_ref("Batch")), next=_NEXT),
    "Fault": {
        "allOf": [_ref("Remark"), _object("kind number", kind={"enum": [*Kind]}, number={"type": "string"})]
    },
    "Remark": _object(
        "row column item label severity value what remedy",
        row={"type": ["integer", "null"], "description": "As a spreadsheet counts, titles included."},
        column={"type": "string"},
        item={"type": "string", "description": "The item of the license, by its flat name."},
        label=_WORDS,
        severity={"enum": ["fault", "warning"], "description": "A warning lets its row in."},
        value={"type": "string", "description": "As it stood in the file."},
        what=_WORDS,
        remedy=_WORDS,
    ),
    "Faults": _object("faults next", faults=_list_of(_ref("Fault")), next=_NEXT),
    "Row": _object(
        "row kind number code acts log_index",
        row={"type": ["integer", "null"]},
        kind={"enum": [*Kind]},
        number={"type": "string"},
        code={"type": ["string", "null"], "description": "The license's code, once there is one."},
        acts=_list_of({"type": "string"}),
        changes=_list_of(_object("item label before after", item={"type": "string"}, label=_WORDS)),
        log_index={"type": ["integer", "null"]},
        faults=_list_of(_ref("Remark")),
    ),
    "Rows": _object("rows next", rows=_list_of(_ref("Row")), next=_NEXT),
    "Receipt": {"type": "string", "format": "binary", "description": "COSE_Sign1 (docs/formats.md)."},
    "Problem": _object(
        "type status title detail th",
        type={"type": "string", "format": "uri"},
        status={"type": "integer"},
        title={"type": "string"},
        detail={"type": "string"},
        th=_object("title detail", title={"type": "string"}, detail={"type": "string"}),
    ),
}


def _query(name: str, schema: Json, says: str, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema, "description": says}


_NUMBER: Json = {
    "name": "number",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}
_AFTER = _query("after", {"type": "integer"}, "The `next` of the page before.")
_MISSING = _query(
    "missing", {"enum": [Missing.LEAVE, Missing.END]}, "What becomes of licenses that the file does not have."
)
FORM: Json = {
    "type": {"type": "string", "description": "Slug of the license type; always to be given."},
    "source": {"type": "string", "maxLength": 80, "description": "The agency's own name for this file."},
    "release": {"enum": [*Release], "default": Release.ALL_OR_NOTHING.value},
    "missing": {"enum": [*Missing], "default": Missing.ASK.value},
    "names": {"enum": [*NameAlone], "default": NameAlone.ASK.value},
    "mapping": {
        "type": "string",
        "description": 'Which column feeds which item, as JSON: `{"columns": {"number": "License No."}, "constants": '
        '{"province": "Chiang Mai"}}`. Items: number, holder, holder_en, holder_id, premises, address, place (or '
        "province, district, subdistrict), valid_from, valid_until, issued, conditions, standing, and field.KEY of "
        "the type. Without it: as for the last file with this header, else headers are the items' own names. More "
        "in docs/operations.md.",
    },
    "legal_basis": {"type": "string", "maxLength": 200, "description": "Of orders; the type's when empty."},
    "reason": {
        "type": "string",
        "description": "Code of the reason of what a status column says is revoked.",
    },
    "until": {"type": "string", "description": "Last day of what a status column says is suspended."},
}


def _answers(schema: str, *problems: int, status: int = 200) -> Json:
    said = {str(status): {"description": "Done", "content": {"application/json": {"schema": _ref(schema)}}}}
    for problem in (401, 403, 429, *problems):
        content = {"application/problem+json": {"schema": _ref("Problem")}}
        said[str(problem)] = {"description": "Problem details (RFC 9457)", "content": content}
    return said


def _asking(says: str, schema: str, *parameters: Json, problems: tuple[int, ...] = (404,)) -> Json:
    return {"summary": says, "parameters": list(parameters), "responses": _answers(schema, *problems)}


def _header(kind: str, says: str) -> Json:
    return {"schema": {"type": kind}, "description": says}


def _proposing() -> Json:
    name: Json = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        "description": "New for each request; the same request sent again under it is carried out once.",
    }
    asked = [_query(key, value, "For a file sent as the body.") for key, value in FORM.items()]
    binary: Json = {"type": "string", "format": "binary", "maxLength": LARGEST_UPLOAD}
    answers = _answers("Batch", 413, 422, status=202)
    answers["202"]["headers"] = {
        "Location": _header(
            "string", "Address of the batch, to be asked until its state is none of reading, released."
        ),
        "Retry-After": _header(
            "integer", "Seconds to wait before asking; on every answer while it is under way."
        ),
    }
    form = {"type": "object", "properties": {**FORM, "file": binary}, "required": ["type", "file"]}
    return {
        "summary": "Send a file: it is read, compared with the register, and waits for its release",
        "parameters": [name, *asked, _query("name", {"type": "string"}, "The file's name.")],
        "requestBody": {
            "required": True,
            "content": {
                **{kind: {"schema": binary} for kind in _FILE_TYPES},
                "multipart/form-data": {"schema": form},
            },
        },
        "responses": answers,
    }


def _receipt() -> Json:
    asked = _asking("The signed receipt of what was published", "Receipt", _NUMBER, problems=(404, 409))
    said = asked["responses"]["200"]
    said["content"] = {"application/cbor": said["content"]["application/json"]}
    return asked


def describe(host: str) -> Json:
    """The document of the API as this release has it."""
    one, listed = "/api/batches/{number}", "/api/batches"
    kinds = _query("kind", {"enum": [*Kind]}, "Only these rows.")
    before = _query("before", {"type": "integer"}, "The `next` of the page before.")
    paths = {
        listed: {"get": _asking("The newest batches", "Batches", before, problems=()), "post": _proposing()},
        one: {"get": _asking("How far a batch is", "Batch", _NUMBER)},
        f"{one}/faults": {"get": _asking("The rows that go nowhere", "Faults", _NUMBER, _AFTER)},
        f"{one}/diff": {
            "get": _asking("What would change", "Rows", _NUMBER, _AFTER, kinds, problems=(404, 422))
        },
        f"{one}/receipt": {"get": _receipt()},
        f"{one}/release": {
            "post": _asking("Release a batch", "Batch", _NUMBER, _MISSING, problems=(404, 409))
        },
        f"{one}/withdraw": {"post": _asking("Take a batch back", "Batch", _NUMBER, problems=(404, 409))},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Permit register {host}: agencies' systems", "version": "1"},
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }
