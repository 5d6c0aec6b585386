"""What people and logs see when something breaks holds no key and no passphrase."""

import logging
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from keys.keyring import Role
from registry.founding import read_passphrase
from registry.models import Officer
from registry.services import Services
from registry.web import create_app
from registry.web.sessions import start_session
from tests.registry.key_steps import key_of
from tests.registry.test_key_procedures import spellings
from tests.registry.two_agencies import FORM, HOST, HUA_HIN, Founded
from tests.registry.web.conftest import Visitor
from tests.verify.site import make_site
from verify.services import services_from
from verify.web import create_app as create_public
from wsgi import JsonLines

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Secrets:
    """What must not be seen, in every spelling it might slip out in."""

    spelled: frozenset[bytes]

    def require_hidden(self, *shown: str) -> None:
        assert all(shown)
        for text in shown:
            assert not [one for one in self.spelled if one in text.encode()]


@pytest.fixture
def secrets(register: Founded) -> Secrets:
    vault = register.services.vault
    seeds = [bytes(vault.signer(key.public)._key) for key in register.services.ring().keys]
    passphrase = read_passphrase(register.services.config.passphrase_file)
    return Secrets(frozenset(one for secret in [*seeds, passphrase] for one in spellings(secret)))


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [JsonLines().format(record) for record in caplog.records]


def broken(services: Services) -> Flask:
    """The office whose clock fails once the session is open: a fault with all services at hand."""
    moments = [services.clock()]

    def clock() -> datetime:
        if not moments:
            raise RuntimeError(f"no clock for {services!r}")
        return moments.pop()

    return create_app(replace(services, clock=clock))


def signed_in(app: Flask, register: Founded) -> Visitor:
    with register.services.database.writing.begin() as session:
        token = start_session(session, {}, register.officer("somying").id, at=register.clock())
    visitor = Visitor(app)
    visitor.client.set_cookie("permits-office", token, domain="office.example.go.th", secure=True)
    return visitor


def test_a_fault_in_the_office_shows_and_logs_no_secret(
    register: Founded, secrets: Secrets, caplog: pytest.LogCaptureFixture
) -> None:
    answer = signed_in(broken(register.services), register).get("/")
    assert answer.status_code == 500
    assert "RuntimeError: no clock for Services(" in "".join(lines_of(caplog))
    secrets.require_hidden(answer.text, *lines_of(caplog))


def test_a_database_that_was_overwritten_shows_and_logs_no_secret(
    register: Founded, secrets: Secrets, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = signed_in(create_app(register.services), register)
    register.services.database.engine.dispose()
    for path in register.folder.glob("register.sqlite*"):
        path.write_bytes(b"no database at all " * 500)
    answer = visitor.get("/licenses/")
    assert answer.status_code == 500
    assert lines_of(caplog)
    secrets.require_hidden(answer.text, *lines_of(caplog))


def test_a_damaged_key_file_shows_and_logs_no_secret(
    register: Founded, secrets: Secrets, caplog: pytest.LogCaptureFixture
) -> None:
    vault = register.services.vault
    key = key_of(register.services, Role.AGENCY, HUA_HIN)
    file = vault._path(key.public)
    before = file.read_bytes()
    visitor = signed_in(create_app(register.services), register)
    visitor.get("/issue/1")
    try:
        file.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        answer = visitor.post("/issue/1", FORM)
    finally:
        file.write_bytes(before)
    assert answer.status_code == 500
    assert "VaultError" in "".join(lines_of(caplog))
    secrets.require_hidden(answer.text, *lines_of(caplog))


def test_a_fault_of_the_public_pages_shows_and_logs_no_secret(
    tmp_path: Path, secrets: Secrets, caplog: pytest.LogCaptureFixture
) -> None:
    site = make_site(tmp_path / "site")
    issued = site.register.issue()
    site.publish()
    moments: list[datetime] = [site.register.now]  # Enough for the start, none for the request.

    def clock() -> datetime:
        return moments.pop()

    app = create_public(replace(services_from(site.config), clock=clock))
    answer = app.test_client().get(site.scan(issued), base_url=f"https://{HOST}")
    assert answer.status_code == 500
    shown = [answer.text, *lines_of(caplog)]
    secrets.require_hidden(*shown)
    assert not any(site.scan(issued).removeprefix("/v/") in text for text in lines_of(caplog))


@pytest.mark.parametrize("command", [["publish"], ["key", "renew"], ["follow"]], ids=" ".join)
def test_the_traceback_of_a_command_holds_no_secret(
    register: Founded, secrets: Secrets, command: list[str]
) -> None:
    (register.folder / "register.sqlite").write_bytes(b"no database at all " * 500)
    environment = {**os.environ, "PERMITS_DATA": str(register.folder), "PERMITS_HOST": HOST}
    done = subprocess.run(
        [sys.executable, "-m", "wsgi", *command],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    secrets.require_hidden(done.stdout + done.stderr)
    assert read_passphrase(register.services.config.passphrase_file).decode() not in done.stderr


def test_a_command_that_fails_unforeseen_prints_no_secret(register: Founded, secrets: Secrets) -> None:
    """The published folder is a file: nothing of ours expects that, so Python's own traceback is printed."""
    (register.folder / "published").write_text("no folder")
    environment = {**os.environ, "PERMITS_DATA": str(register.folder), "PERMITS_HOST": HOST}
    done = subprocess.run(
        [sys.executable, "-m", "wsgi", "publish"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    secrets.require_hidden(done.stderr)


def test_a_row_that_a_database_refuses_is_not_quoted_in_the_log(
    on_both: Founded, caplog: pytest.LogCaptureFixture
) -> None:
    one = on_both.officer("somying")
    nobody = {"login": "planted", "agency": one.agency, "position": "p", "created_at": on_both.clock()}
    with on_both.services.database.writing() as session:
        session.add(Officer(name="ปลูกไว้", password_hash=b"h", role=None, **nobody))
        with pytest.raises(IntegrityError) as refused:
            session.flush()
    logging.getLogger("batch").error("cannot be entered", exc_info=refused.value)
    [line] = lines_of(caplog)
    assert "IntegrityError" in line
    assert "flush" in line
    assert "ปลูกไว้" not in line
    assert "planted" not in line


def test_no_process_of_ours_leaves_its_memory_in_a_file(tmp_path: Path) -> None:
    # What is inherited may forbid it already, so the call itself is looked for too.
    asked = (
        "import sys, resource as r; calls = []; "
        "sys.addaudithook(lambda event, given: calls.append(given) if event == 'resource.setrlimit' else None); "
        "import wsgi; "
    )
    told = "; print((r.RLIMIT_CORE, (0, 0)) in calls, r.getrlimit(r.RLIMIT_CORE))"
    ways = (
        "wsgi.permits(['audit', '--help'], standalone_mode=False)",
        "wsgi.verify_app",
    )
    for way in ways:
        program = [sys.executable, "-c", asked + way + told]
        environment = {**os.environ, "PERMITS_DATA": str(tmp_path), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(program, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "True (0, 0)"
