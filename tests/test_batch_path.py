"""A file's whole way, for real: sent to the office, read and published by the follower, found by a stranger."""

import json
import shutil
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup

from keys.dates import bangkok_date
from tests.test_path import LICENSES, Service, log_in, run, start, stop, wait

COLUMNS = "number,holder,premises,address,place,valid_from,field.activity"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("batches")
    made = run("demo", "--data", str(data), "--licenses", str(LICENSES))
    assert made.returncode == 0, made.stderr
    served = start(data)
    yield served
    stop(served)
    shutil.rmtree(data)


def month(first: int, premises: str) -> bytes:
    """Three good rows and one with a day that does not exist."""
    today = bangkok_date(datetime.now(UTC)).strftime("%d/%m/%Y")
    good = [
        f"12/{n}/2569,นางสาวมะลิ ทดสอบดี,{premises} {n},1/2,770701,{today},ขายอาหาร"
        for n in range(first, first + 3)
    ]
    bad = f"12/{first + 3}/2569,นายวัน เดียว,ร้านผิด,1/3,770701,29/2/2568,ขายอาหาร"
    return "\r\n".join([COLUMNS, *good, bad]).encode()


def form_of(page: str, address: str) -> dict[str, str]:
    """The fields of a page's form as a browser would send them."""
    form = BeautifulSoup(page, "html.parser").select_one(f"form[action$='{address}']")
    assert form is not None, page[:2000]
    fields = {}
    for one in form.select("input[name], select[name], textarea[name]"):
        if one.get("type") in ("radio", "checkbox") and not one.has_attr("checked"):
            continue
        chosen = one.select_one("option[selected]") or one.select_one("option")
        text = one.text.removeprefix("\n") if one.name == "textarea" else str(one.get("value", ""))
        fields[str(one["name"])] = str(chosen["value"]) if chosen else text
    return fields


def send_form(service: Service, address: str, fields: dict[str, str], file: bytes = b"") -> tuple[str, str]:
    """Send a form with a file as a browser does; gives where it led, and the page there."""
    mark, parts = uuid.uuid4().hex, []
    for name, text in fields.items():
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(head.encode() + text.encode() + b"\r\n")
    if file:
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="month.csv"\r\n\r\n'
        parts.append(head.encode() + file + b"\r\n")
    body = b"".join(parts) + f"--{mark}--\r\n".encode()
    url = f"http://localhost:{service.port + 1}{address}"
    headers = {
        "Origin": f"http://localhost:{service.port + 1}",
        "Content-Type": f"multipart/form-data; boundary={mark}",
    }
    with service.opener.open(urllib.request.Request(url, body, headers)) as answer:
        return answer.url.partition(f":{service.port + 1}")[2], answer.read().decode()


def found(service: Service, words: str) -> int:
    """How many licenses a stranger finds."""
    return service.verdict(f"/?q={urllib.parse.quote(words)}").get("total", 0)


def test_what_an_officer_releases_the_follower_publishes(service: Service):
    log_in(service, "huahin.issuer")
    fields = form_of(service.office("/batches/new"), "/batches/new")
    kinds = BeautifulSoup(service.office("/batches/new"), "html.parser").select("#type option")
    hazard = next(str(o["value"]) for o in kinds if "อันตรายต่อสุขภาพ" in o.text)
    where, page = send_form(service, "/batches/new", {**fields, "type": hazard}, month(91001, "ร้านตามหน้าเว็บ"))
    assert where.endswith("/columns")
    batch = where.removesuffix("/columns")
    send_form(service, where, {**form_of(page, "/columns"), "missing": "leave"})
    wait(lambda: "เผยแพร่ใบอนุญาตใหม่ 3 ใบ" in service.office(batch), service)
    assert found(service, "ร้านตามหน้าเว็บ") == 0  # Nothing is public before the release.
    send_form(service, f"{batch}/release", form_of(service.office(batch), "/release"))
    wait(lambda: found(service, "ร้านตามหน้าเว็บ") == 3, service)
    wait(lambda: "เผยแพร่แล้ว 3 ใบ" in service.office(batch), service)


def call(service: Service, key: str, path: str, body: bytes | None = None, **headers: str) -> Any:
    """The JSON that a system is answered."""
    url = f"http://localhost:{service.port + 1}{path}"
    sent = {"Authorization": f"Bearer {key}", **{n.replace("_", "-"): v for n, v in headers.items()}}
    with urllib.request.urlopen(urllib.request.Request(url, body, sent), timeout=20) as answer:
        return json.loads(answer.read())


def test_what_a_system_sends_and_releases_the_follower_publishes(service: Service):
    made = run(
        *("api-key", "add", "--data", str(service.data), "--officer", "huahin.approver"),
        *("--label", "ระบบเดิม", "--type", "health-hazard", "--release"),
    )
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    path = "/api/batches?type=health-hazard&release=good&missing=leave"
    headers = {"Idempotency_Key": "month-91", "Content_Type": "text/csv"}
    content = month(92001, "ร้านตามระบบ")
    batch = call(service, key, path, content, **headers)
    assert call(service, key, path, content, **headers)["id"] == batch["id"]
    one = f"/api/batches/{batch['id']}"
    wait(lambda: call(service, key, one)["state"] == "proposed", service)
    assert [fault["value"] for fault in call(service, key, f"{one}/faults")["faults"]] == ["29/2/2568"]
    call(service, key, f"{one}/release", b"")
    wait(lambda: call(service, key, one)["state"] == "done", service)
    wait(lambda: found(service, "ร้านตามระบบ") == 3, service)
    assert key.split("_", 2)[2] not in (service.data / "serve.log").read_text("utf-8")
