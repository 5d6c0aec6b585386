"""Keys of agencies' systems: what a text opens, for whom, how long, and what is kept of it."""

from datetime import timedelta

import pytest
from alembic import command
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from keys.layout import sha256
from registry.api_keys import (
    LONGEST_LIFE,
    Scope,
    System,
    UnknownKey,
    add_key,
    keys_of,
    own_key,
    revoke_key,
    system_of,
)
from registry.errors import NotPermitted, Refused
from registry.migrate import alembic_config
from registry.models import ApiKey, AuditEvent, Officer
from registry.permissions import Role
from registry.services import now
from tests.registry.two_agencies import CHA_AM, HAZARD, HUA_HIN, TRADE, Founded
from wsgi import permits

SCOPE = Scope("ระบบทะเบียนเดิม", (HAZARD,), may_release=True, life=timedelta(days=90))


def add(register: Founded, login: str = "prayoon", scope: Scope = SCOPE) -> str:
    with register.services.database.writing.begin() as session:
        return add_key(session, _officer(session, login), scope, at=register.clock())


def found_by(register: Founded, text: str) -> System:
    with register.services.database.reading() as session:
        return system_of(session, text, at=register.clock())


def _officer(session: Session, login: str) -> Officer:
    return session.query(Officer).filter_by(login=login).one()


def test_a_key_opens_for_the_officer_who_made_it_and_its_types(on_both: Founded):
    system = found_by(on_both, add(on_both))
    assert (system.agency, system.officer.login) == (HUA_HIN, "prayoon")
    system.require_type(HAZARD)
    system.require_release()
    with pytest.raises(NotPermitted):
        system.require_type(TRADE)


def test_a_key_that_may_only_propose_does_not_release(register: Founded):
    system = found_by(
        register, add(register, scope=Scope("x", (HAZARD,), may_release=False, life=timedelta(days=1)))
    )
    with pytest.raises(NotPermitted):
        system.require_release()


def test_the_table_keeps_a_hash_of_256_random_bits_and_not_the_key(register: Founded):
    text = add(register)
    secret = text.split("_", 2)[2]
    assert len(secret) >= 43  # 256 bits, six a character.
    with register.services.database.reading() as session:
        row = session.query(ApiKey).one()
        assert row.secret_hash == sha256(secret.encode())
        told = " ".join(str(value) for value in vars(row).values())
        told += " ".join(str(event.about) for event in session.query(AuditEvent))
    assert secret not in told


@pytest.mark.parametrize(
    "ending", ["expires", "revoked", "officer removed", "role lost"], ids=lambda name: name.replace(" ", "-")
)
def test_a_key_opens_nothing_once(register: Founded, ending: str):
    text = add(register)
    with register.services.database.writing.begin() as session:
        officer = _officer(session, "prayoon")
        if ending == "revoked":
            revoke_key(session, session.query(ApiKey).one(), officer, at=register.clock())
        elif ending == "officer removed":
            officer.disabled_at = register.clock()
        elif ending == "role lost":
            officer.role = Role.ISSUER
    if ending == "expires":
        register.clock.advance(days=90)
    with pytest.raises(UnknownKey):
        found_by(register, text)


def test_a_key_is_good_until_its_last_moment(register: Founded):
    text = add(register)
    register.clock.advance(days=90, microseconds=-1)
    assert found_by(register, text).officer.login == "prayoon"


def test_no_other_text_opens(register: Founded):
    text = add(register)
    name = text.split("_")[1]

    @given(
        st.one_of(st.text(), st.text().map(lambda s: f"permits_{name}_{s}"), st.integers(0, len(text) - 1))
    )
    def check(other: str | int) -> None:
        made = (
            text[:other] + chr(ord(text[other]) ^ 1) + text[other + 1 :] if isinstance(other, int) else other
        )
        with pytest.raises(UnknownKey):
            found_by(register, made)

    check()


@pytest.mark.parametrize("login", ["somying", "wanna", "adisak"])
def test_only_the_chief_makes_keys(register: Founded, login: str):
    with pytest.raises(NotPermitted):
        add(register, login)


@pytest.mark.parametrize(
    "scope",
    [
        Scope("", (HAZARD,), may_release=False, life=timedelta(days=1)),
        Scope("x" * 81, (HAZARD,), may_release=False, life=timedelta(days=1)),
        Scope("x", (), may_release=False, life=timedelta(days=1)),
        Scope("x", (HAZARD, 77), may_release=False, life=timedelta(days=1)),
        Scope("x", (HAZARD,), may_release=False, life=timedelta(0)),
        Scope("x", (HAZARD,), may_release=False, life=LONGEST_LIFE + timedelta(days=1)),
    ],
    ids=["no label", "long label", "no type", "another's type", "no life", "too long a life"],
)
def test_a_key_without_bounds_is_refused(register: Founded, scope: Scope):
    with pytest.raises(Refused):
        add(register, scope=scope)
    with register.services.database.reading() as session:
        assert session.query(ApiKey).count() == 0


def test_an_agency_sees_and_names_its_own_keys_alone(register: Founded):
    add(register)
    with register.services.database.reading() as session:
        ((key, _),) = keys_of(session, HUA_HIN)
        assert keys_of(session, CHA_AM) == []
        assert own_key(session, HUA_HIN, key.id) is key
        with pytest.raises(Refused):
            own_key(session, CHA_AM, key.id)


def test_the_command_makes_lists_and_revokes(register: Founded, monkeypatch: pytest.MonkeyPatch):
    register.services.publish()
    monkeypatch.setenv("PERMITS_DATA", str(register.folder))
    with register.services.database.engine.begin() as connection:
        command.stamp(alembic_config(connection), "head")

    def run(*words: str) -> str:
        answer = CliRunner().invoke(permits, ["api-key", *words])
        assert answer.exit_code == 0, answer.output
        return answer.output

    text = run("add", "--officer", "prayoon", "--label", "HR", "--type", "health-hazard").strip()
    name = text.split("_")[1]
    with register.services.database.reading() as session:
        assert not system_of(session, text, at=now()).may_release
    listed = run("list", "--agency", "huahin")
    assert name in listed
    assert text not in listed
    run("revoke", name)
    assert "closed" in run("list", "--agency", "huahin")
    with register.services.database.reading() as session, pytest.raises(UnknownKey):
        system_of(session, text, at=now())
