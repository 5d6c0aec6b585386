"""The API for agencies' own systems: by a key and never a cookie, each request once, each fault told."""

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from keys.layout import sha256
from keys.opening import open_receipt
from registry.api_keys import Scope, add_key, revoke_key
from registry.intake.receiving import folder_of
from registry.models import ApiAnswer, ApiKey, AuditEvent, Batch
from registry.web import create_app
from registry.web.limits import MOST_OF_CALLER, MOST_OF_KEY
from registry.web.openapi import SCHEMAS
from tests.registry import arriving
from tests.registry.arriving import csv_of
from tests.registry.two_agencies import HAZARD, TRADE, Founded
from tests.registry.web.conftest import ADDRESS, Visitor

ADDRESS_OF_BATCHES = "/api/batches?type=health-hazard&source=month&release=good&missing=leave"


@dataclass
class Caller:
    """A system with its key; each request has a new `Idempotency-Key` unless it is said."""

    client: FlaskClient
    key: str
    sent: int = 0

    def get(self, path: str, **headers: str) -> Any:
        """Ask."""
        return self.client.get(
            path, base_url=ADDRESS, headers={"Authorization": f"Bearer {self.key}", **headers}
        )

    def post(self, path: str, content: bytes = b"", *, name: str | None = None, **how: Any) -> Any:
        """Send a body."""
        self.sent += 1
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": name or f"request-{self.sent}"}
        how = how or {"data": content, "content_type": "text/csv"}
        return self.client.post(path, base_url=ADDRESS, headers=headers, **how)

    def propose(self, content: bytes, **how: Any) -> dict[str, Any]:
        """Send a file; gives the batch."""
        answer = self.post(ADDRESS_OF_BATCHES, content, **how)
        assert answer.status_code == 202, answer.text
        return dict(answer.json or {})


@pytest.fixture
def system(app: Flask, register: Founded) -> Callable[..., Caller]:
    """A system with a new key of an officer."""

    def make(
        login: str = "prayoon", *, types: tuple[int, ...] = (HAZARD,), may_release: bool = True
    ) -> Caller:
        return Caller(app.test_client(), key_of(register, login, types=types, may_release=may_release))

    return make


def key_of(
    register: Founded, login: str, *, types: tuple[int, ...] = (HAZARD,), may_release: bool = True
) -> str:
    scope = Scope("ระบบทะเบียนเดิม", types, may_release, timedelta(days=90))
    with register.services.database.writing.begin() as session:
        return add_key(session, register.officer(login), scope, at=register.clock())


def problem(answer: Any) -> str:
    """The word of a problem, whose form is checked."""
    assert answer.mimetype == "application/problem+json", answer.text
    content = answer.json
    fits(content, "Problem")
    assert content["status"] == answer.status_code
    return str(content["type"].rpartition(":")[2])


def fits(content: Any, schema: str) -> None:
    """The content is of the schema that the description names."""
    jsonschema.validate(
        content, {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}}
    )


def count(register: Founded, table: type[Any]) -> int:
    with register.services.database.reading() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def test_a_file_is_sent_read_released_and_polled_to_its_end(system: Callable[..., Caller], register: Founded):
    caller = system()
    content = csv_of(2) + b"\r\n3/77/2569,,,,,31/2/2569,"
    answer = caller.post(ADDRESS_OF_BATCHES + "&name=ตค69.csv", content)
    assert answer.status_code == 202
    assert answer.headers["Retry-After"]
    fits(answer.json, "Batch")
    assert answer.json["state"] == "reading"
    assert answer.json["file"]["name"] == "ตค69.csv"
    where = answer.headers["Location"]
    assert where == f"/api/batches/{answer.json['id']}"
    arriving.read(register)
    found = caller.get(where).json
    fits(found, "Batch")
    assert (found["state"], found["counts"]["new"], found["counts"]["fault"]) == ("proposed", 2, 1)
    faults = caller.get(f"{where}/faults").json
    fits(faults, "Faults")
    assert {(f["row"], f["value"]) for f in faults["faults"]} >= {(4, "31/2/2569")}
    rows = caller.get(f"{where}/diff?kind=new").json
    fits(rows, "Rows")
    assert [row["number"] for row in rows["rows"]] == ["1/77/2569", "2/77/2569"]
    released = caller.post(f"{where}/release")
    assert (released.status_code, released.json["state"]) == (200, "released")
    assert released.headers["Retry-After"]
    assert caller.post(f"{where}/release").status_code == 200  # Sent twice, released once.
    arriving.enter(register, answer.json["id"])
    done = caller.get(where)
    assert (done.json["state"], done.json["progress"]) == ("done", {"entered": 2, "to_enter": 2})
    assert "Retry-After" not in done.headers
    early = caller.get(f"{where}/receipt")
    assert (early.status_code, problem(early)) == (409, "not-public")
    register.publish()
    receipt = caller.get(f"{where}/receipt")
    assert open_receipt(receipt.data, register.services.ring()).value.file == sha256(content)
    fits(caller.get("/api/batches").json, "Batches")


def test_what_a_row_would_change_is_told_item_by_item(system: Callable[..., Caller], register: Founded):
    register.issue({"number": "1/77/2569", "premises": "ร้านเดิม"})
    batch = system().propose(csv_of(1))
    arriving.read(register)
    (row,) = system().get(f"/api/batches/{batch['id']}/diff").json["rows"]
    assert (row["kind"], row["acts"]) == ("changed", ["AMENDMENT"])
    change = next(change for change in row["changes"] if change["item"] == "premises")
    assert (change["before"], change["after"]) == ("ร้านเดิม", "ร้านแถวที่ 1")
    assert change["label"]["th"]


def test_a_form_with_a_file_and_a_mapping_is_taken_too(system: Callable[..., Caller], register: Founded):
    content = csv_of(1).replace(b"number,", "เลขที่ใบ,".encode())
    columns = {name: name for name in arriving.COLUMNS if name != "number"}
    form = {
        "type": "health-hazard",
        "release": "good",
        "missing": "leave",
        "mapping": json.dumps({"columns": {**columns, "number": "เลขที่ใบ"}}),
        "file": (io.BytesIO(content), "ตค69.csv"),
    }
    answer = system().post("/api/batches", data=form)
    assert answer.status_code == 202, answer.text
    arriving.read(register)
    assert system().get(answer.headers["Location"]).json["counts"]["new"] == 1


# --- once -------------------------------------------------------------------------------------------


def test_a_request_sent_again_is_answered_again_and_done_once(
    system: Callable[..., Caller], register: Founded
):
    caller = system()
    first = caller.post(ADDRESS_OF_BATCHES, csv_of(1), name="a")
    register.clock.advance(hours=1)
    again = caller.post(ADDRESS_OF_BATCHES, csv_of(1), name="a")
    assert (again.status_code, again.json) == (first.status_code, first.json)
    assert again.headers["Location"] == first.headers["Location"]
    assert count(register, Batch) == 1
    assert len(list(folder_of(register.services.config.data).iterdir())) == 1


def test_the_same_request_several_times_at_once_is_done_once(on_both: Founded):
    key, app = key_of(on_both, "prayoon"), create_app(on_both.services)

    def send(_turn: int) -> Any:
        return Caller(app.test_client(), key).post(ADDRESS_OF_BATCHES, csv_of(1), name="a")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert count(on_both, Batch) == 1
    assert len(list(folder_of(on_both.services.config.data).iterdir())) == 1


@pytest.mark.parametrize("change", ["file", "type of release", "name"])
def test_another_request_under_the_same_name_is_refused(
    system: Callable[..., Caller], register: Founded, change: str
):
    caller = system()
    caller.post(ADDRESS_OF_BATCHES, csv_of(1), name="a")
    address = {"type of release": "&release=all", "name": "&name=x.csv"}.get(change, "")
    address = ADDRESS_OF_BATCHES.replace("&release=good", "") + (address or "&release=good")
    answer = caller.post(address, csv_of(2 if change == "file" else 1), name="a")
    assert (answer.status_code, problem(answer)) == (422, "idempotency-reused")
    assert count(register, Batch) == 1
    assert len(list(folder_of(register.services.config.data).iterdir())) == 1


def test_the_names_of_one_key_are_not_those_of_another(system: Callable[..., Caller], register: Founded):
    system().post(ADDRESS_OF_BATCHES, csv_of(1), name="a")
    assert system().post(ADDRESS_OF_BATCHES, csv_of(2), name="a").status_code == 202
    assert count(register, Batch) == 2


def test_an_answer_is_kept_for_a_week(system: Callable[..., Caller], register: Founded):
    system().post(ADDRESS_OF_BATCHES, csv_of(1), name="a")
    register.clock.advance(days=8)
    system().post(ADDRESS_OF_BATCHES, csv_of(2), name="b")
    with register.services.database.reading() as session:
        assert [answer.name for answer in session.scalars(select(ApiAnswer))] == ["b"]


@pytest.mark.parametrize("name", ["", " ", "ก", "x" * 201, "two words"])
def test_a_request_to_propose_has_a_name(app: Flask, register: Founded, name: str):
    key = key_of(register, "prayoon")
    headers = [("Authorization", f"Bearer {key}"), ("Idempotency-Key", name.encode().decode("latin-1"))]
    answer = app.test_client().post(ADDRESS_OF_BATCHES, base_url=ADDRESS, data=csv_of(1), headers=headers)
    assert (answer.status_code, problem(answer)) == (422, "idempotency-key")


# --- who --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer x", "Basic {key}", "Bearer permits_{key}", "{key}"])
def test_without_a_key_nothing_opens(app: Flask, register: Founded, given: str):
    headers = {"Authorization": given.format(key=key_of(register, "prayoon"))}
    answer = app.test_client().get("/api/batches", base_url=ADDRESS, headers=headers)
    assert (answer.status_code, problem(answer)) == (401, "no-key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_opens_nothing(system: Callable[..., Caller], register: Founded):
    caller = system()
    with register.services.database.writing.begin() as session:
        key = session.scalars(select(ApiKey)).one()
        revoke_key(session, key, register.officer("prayoon"), at=register.clock())
    assert caller.get("/api/batches").status_code == 401


def test_a_log_in_is_no_key_and_no_answer_sets_a_cookie(
    as_officer: Callable[[str], Visitor], system: Callable[..., Caller]
):
    officer = as_officer("prayoon")
    answer = officer.client.get("/api/batches", base_url=ADDRESS)
    assert answer.status_code == 401
    answers: list[Any] = [answer, system().get("/api/batches?lang=en"), system().get("/api/nowhere")]
    for given in answers:
        assert "Set-Cookie" not in given.headers
        assert given.mimetype.endswith("json")


def test_what_another_agency_or_type_has_does_not_exist(system: Callable[..., Caller], register: Founded):
    batch = system("prayoon").propose(csv_of(1))
    arriving.read(register)
    for stranger in (system("chamnan"), system("prayoon", types=(TRADE,))):
        for path in ("", "/faults", "/diff"):
            assert problem(stranger.get(f"/api/batches/{batch['id']}{path}")) == "no-batch"
        for path in ("/release", "/withdraw"):
            answer = stranger.post(f"/api/batches/{batch['id']}{path}")
            assert (answer.status_code, problem(answer)) == (404, "no-batch")
        assert stranger.get("/api/batches").json == {"batches": [], "next": None}
    assert arriving.batch(register, batch["id"]).state == "proposed"


def test_a_key_sends_no_type_it_is_not_for(system: Callable[..., Caller], register: Founded):
    answer = system(types=(TRADE,)).post(ADDRESS_OF_BATCHES, csv_of(1))
    assert (answer.status_code, problem(answer)) == (403, "key-type")
    assert count(register, Batch) == 0
    assert list(folder_of(register.services.config.data).iterdir()) == []


def test_a_key_that_may_only_propose_does_not_release(system: Callable[..., Caller], register: Founded):
    caller = system(may_release=False)
    batch = caller.propose(csv_of(1))
    arriving.read(register)
    answer = caller.post(f"/api/batches/{batch['id']}/release")
    assert (answer.status_code, problem(answer)) == (403, "key-release")


def test_a_key_is_never_the_second_person(system: Callable[..., Caller], register: Founded):
    backdated = system().propose(csv_of(1, {"valid_from": "1/11/2569"}))
    arriving.read(register)
    others = arriving.proposed(register, csv_of(1, first=5))  # Proposed on the page by another officer.
    assert system().get(f"/api/batches/{backdated['id']}").json["needs_second_person"]
    for number in (backdated["id"], others):
        answer = system().post(f"/api/batches/{number}/release")
        assert (answer.status_code, problem(answer)) == (403, "needs-person")
        assert arriving.batch(register, number).state == "proposed"


def test_what_a_system_did_names_its_key_and_its_officer(system: Callable[..., Caller], register: Founded):
    caller = system()
    batch = caller.propose(csv_of(1))
    arriving.read(register)
    caller.post(f"/api/batches/{batch['id']}/withdraw")
    with register.services.database.reading() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        key = session.scalars(select(ApiKey)).one()
        assert key.used_at == register.clock()
    assert [event.event for event in events] == [
        "api-key-added",
        "file-received",
        "batch-proposed",
        "batch-withdrawn",
    ]
    assert {event.officer for event in events} == {register.officer("prayoon").id}
    assert events[1].about["key"] == key.id


def test_a_system_that_asks_too_often_is_told_how_long_to_wait(
    system: Callable[..., Caller], register: Founded
):
    caller = system()
    answers = [caller.get("/api/batches?before=1") for _ in range(MOST_OF_KEY + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert (answers[-1].status_code, problem(answers[-1])) == (429, "too-many")
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert system().get("/api/batches").status_code == 200  # Another key has its own count.
    stranger = create_app(register.services).test_client()
    tried = [stranger.get("/api/batches").status_code for _ in range(MOST_OF_CALLER + 1)]
    assert (tried[-2], tried[-1]) == (401, 429)


@pytest.mark.parametrize(
    ("address", "status", "word"),
    [
        ("/api/batches", 422, "no-such-type"),
        ("/api/batches?type=nothing", 422, "no-such-type"),
        (ADDRESS_OF_BATCHES.replace("good", "best"), 422, "options"),
        (ADDRESS_OF_BATCHES + "&mapping={", 422, "options"),
        (ADDRESS_OF_BATCHES + "&mapping=" + "[" * 3000, 422, "options"),
        (ADDRESS_OF_BATCHES + "&mapping={}", 422, "mapping"),
        (ADDRESS_OF_BATCHES + '&mapping={"columns":{"no-item":"x"}}', 422, "mapping-name"),
        (ADDRESS_OF_BATCHES + "&relase=good", 422, "parameter"),
        ("/api/batches/1/release", 404, "no-batch"),
        ("/api/batches/0", 404, "not-here"),
        ("/api/nowhere", 404, "not-here"),
        ("/api/openapi.json", 405, "no-such-method"),
    ],
)
def test_what_cannot_be_done_is_a_problem_in_two_languages(
    system: Callable[..., Caller], register: Founded, address: str, status: int, word: str
):
    answer = system().post(address, csv_of(1))
    assert (answer.status_code, problem(answer)) == (status, word)
    assert count(register, Batch) == 0
    assert list(folder_of(register.services.config.data).iterdir()) == []


def test_an_empty_body_is_no_file(system: Callable[..., Caller]):
    answer = system().post(ADDRESS_OF_BATCHES, b"")
    assert (answer.status_code, problem(answer)) == (422, "empty-file")


def test_a_file_that_cannot_be_read_is_told_when_it_is_polled(
    system: Callable[..., Caller], register: Founded
):
    batch = system().propose(b"%PDF-1.7")
    arriving.read(register)
    found = system().get(f"/api/batches/{batch['id']}").json
    fits(found, "Batch")
    assert found["state"] == "refused"
    assert "PDF" in found["refused"]["en"]
    assert system().post(f"/api/batches/{batch['id']}/withdraw").json["state"] == "withdrawn"


def test_the_description_has_exactly_the_routes(app: Flask, system: Callable[..., Caller]):
    document: Any = app.test_client().get("/api/openapi.json", base_url=ADDRESS).json  # Without a key.
    assert document["openapi"] == "3.1.0"
    described = {
        (method.upper(), path.replace("{number}", "<positive:number>"))
        for path, methods in document["paths"].items()
        for method in methods
    }
    routes = {
        (method, route.rule)
        for route in app.url_map.iter_rules()
        for method in (route.methods or set()) & {"GET", "POST"}
        if route.endpoint.startswith("api.")
    }
    assert described == routes
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for methods in document["paths"].values():
        for operation in methods.values():
            for answer in operation["responses"].values():
                for content in answer["content"].values():
                    name = content["schema"]["$ref"].rpartition("/")[2]
                    assert name in document["components"]["schemas"]
