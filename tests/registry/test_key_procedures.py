"""The procedures of `docs/operations.md` for keys, each tried by its commands; and that no secret got out."""

import base64
import json
import logging
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from nacl.exceptions import CryptoError

from keys.dates import BANGKOK
from keys.keyring import KeyState
from keys.sealing import SALT_BYTES, derive
from keys.signing import PublicKey
from keys.vault import Vault
from registry.founding import read_passphrase
from registry.models import EntryRow, LicenseRow
from tests.registry import ceremony as ceremonies
from tests.registry.ceremony import PASSPHRASES, Ceremony, copy_of, issue
from verify.audit import audit
from verify.check import check_card
from verify.sources import FolderSource
from verify.verdict import Kind
from wsgi import JsonLines


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Ceremony:
    made = ceremonies.found(tmp_path_factory.mktemp("procedures"))
    ceremonies.admit(made)
    return made


@pytest.fixture
def ceremony(founded: Ceremony, tmp_path: Path) -> Iterator[Ceremony]:
    """A register of its own for each procedure; when it is done, nothing secret may have got out."""
    copied = copy_of(founded, tmp_path)
    yield copied
    assert_no_secret_got_out(copied)


def verdict_on(ceremony: Ceremony, code: str) -> Kind:
    """The verdict on the card that the register holds for a code now."""
    services = ceremony.services()
    with services.database.reading() as session:
        signed = session.get_one(EntryRow, session.get_one(LicenseRow, code).record_index).card
    assert signed is not None
    return check_card(signed, ceremony.evidence(), at=datetime.now(UTC)).kind


def assert_clean(ceremony: Ceremony) -> None:
    report = audit(
        FolderSource(ceremony.public),
        at=datetime.now(UTC),
        records=FolderSource(ceremony.register / "published" / "records"),
    )
    assert report.findings == []


def state(ceremony: Ceremony, kid: str) -> KeyState:
    return ceremony.ring().key(bytes.fromhex(kid)).state


@pytest.mark.parametrize("role", ["log", "status", "agency"])
def test_a_key_is_replaced_by_its_spare(ceremony: Ceremony, role: str) -> None:
    old = ceremony.kid("\tagency huahin\t" if role == "agency" else f"\t{role}\t")
    of = ["--agency", "huahin"] if role == "agency" else []
    said = ceremony.said("key", "propose", "--role", role, *of)
    new = said.split()[3].rstrip(".")
    assert "proposed" in next(x for x in ceremony.said("key", "list").splitlines() if x.startswith(new))
    ceremony.renew()
    ceremony.said("key", "retire", old)
    assert "waits for the roots" in ceremony.said("key", "list")
    ceremony.renew()
    assert (state(ceremony, old), state(ceremony, new)) == (KeyState.RETIRED, KeyState.ACTIVE)
    assert verdict_on(ceremony, issue(ceremony, 1)) is Kind.VALID
    assert_clean(ceremony)


def test_nothing_is_missing_after_founding_and_a_withdrawn_key_is_proposed_again(ceremony: Ceremony) -> None:
    assert "No key is missing" in ceremony.said("key", "renew")
    year = datetime.now(BANGKOK).year
    kid = ceremony.said("key", "propose", "--role", "log", "--year", year + 2).split()[3].rstrip(".")
    assert "withdrawn" in ceremony.said("key", "retire", kid)
    assert kid not in ceremony.said("key", "list")


def test_a_stolen_agency_key_is_denied_replaced_and_its_licenses_issued_again(ceremony: Ceremony) -> None:
    early = issue(ceremony, 1)
    stolen, size = ceremony.kid("\tagency huahin\t"), ceremony.evidence().snapshot.log_size
    late = issue(ceremony, 2)
    began = time.monotonic()
    said = ceremony.said("key", "compromise", stolen, "--good-size", size)
    assert "is denied from snapshot" in said
    # The command unlocks the vault first, which is most of this time.
    assert time.monotonic() - began < 10
    assert (verdict_on(ceremony, early), verdict_on(ceremony, late)) == (Kind.VALID, Kind.NOT_GENUINE)
    assert "is denied, and the ring does not say so yet" in ceremony.said("key", "list")
    reissue = ("key", "reissue", "--agency", "huahin", "--officer", "somsri")
    assert "no signing key" in ceremony.refused(*reissue)
    ceremony.said("key", "propose", "--role", "agency", "--agency", "huahin")
    ceremony.renew()
    assert state(ceremony, stolen) is KeyState.COMPROMISED
    said = ceremony.said(*reissue)
    assert "1 licenses replaced" in said
    assert "1 were entered at or after the last good size" in said
    assert "1 licenses replaced" in ceremony.said(*reissue, "--reviewed")
    assert "0 licenses replaced" in ceremony.said(*reissue, "--reviewed")
    assert (verdict_on(ceremony, early), verdict_on(ceremony, late)) == (Kind.VALID, Kind.VALID)
    assert_clean(ceremony)


@pytest.mark.parametrize("role", ["log", "status"])
def test_a_stolen_log_or_status_key_is_denied_and_its_spare_takes_over(ceremony: Ceremony, role: str) -> None:
    code, stolen = issue(ceremony, 1), ceremony.kid(f"\t{role}\t")
    ceremony.said("key", "propose", "--role", role)
    ceremony.renew()
    since = (datetime.now(BANGKOK) + timedelta(minutes=2)).strftime("%Y-%m-%d %H:%M")
    ceremony.said("key", "compromise", stolen, "--since", since)
    assert verdict_on(ceremony, code) is Kind.VALID
    assert_clean(ceremony)
    ceremony.renew()
    assert state(ceremony, stolen) is KeyState.COMPROMISED
    assert_clean(ceremony)


def test_whoever_signs_a_ring_reads_the_names_of_agencies(ceremony: Ceremony) -> None:
    ceremony.said("key", "propose", "--role", "agency", "--agency", "huahin")
    proposal = ceremony.propose()
    for _ in range(2):  # Before it is signed, and with the first signature in it.
        said = ceremony.said("ring", "show", proposal)
        assert "NEW key of agency 1 “หัวหิน · Hua Hin” for types" in said
        ceremony.sign(proposal, 0)


def test_a_lost_root_is_replaced_by_the_others(ceremony: Ceremony) -> None:
    ceremony.make_roots("replacement", 3)
    proposal = ceremony.propose("rotation.proposal", *ceremony.halves(1, 2, 3), "--threshold", 2)
    ceremony.sign(proposal, 1, 2)
    ceremony.said("ring", "publish", proposal)
    ceremony.renew(2, 3)
    assert ceremony.ring().version == 4


@pytest.mark.parametrize(
    "words",
    [
        ("compromise", "00000000", "--good-size", 1),
        ("compromise", "{log}", "--good-size", 10**9),
        ("compromise", "{log}"),
        ("retire", ""),
        ("propose", "--role", "agency"),
        ("propose", "--role", "log", "--agency", "huahin"),
        ("reissue", "--agency", "huahin", "--officer", "nobody"),
    ],
)
def test_what_cannot_be_is_refused_in_words(founded: Ceremony, words: tuple[object, ...]) -> None:
    log = founded.kid("\tlog\t")
    said = founded.refused("key", *(str(word).replace("{log}", log) for word in words))
    assert said.startswith("Error: ")
    assert "Traceback" not in said


# --- secrets ------------------------------------------------------------------------------------


def seeds_of(ceremony: Ceremony) -> list[bytes]:
    """The seed of every private key there is: those in the vault, and the roots'."""
    vault = ceremony.services().vault
    found = [bytes(vault.signer(public)._key) for public in _held(vault, ceremony)]
    return found + [_root_seed(path.read_bytes()) for path in ceremony.folder.glob("*/root-*.key")]


@cache
def _root_seed(content: bytes) -> bytes:
    content = content.removeprefix(b"permit-root/1\n")[32:]
    for passphrase in PASSPHRASES:
        try:
            return derive(passphrase.encode(), content[:SALT_BYTES]).decrypt(content[SALT_BYTES:])
        except CryptoError:
            continue  # Another holder's passphrase.
    raise AssertionError


def _held(vault: Vault, ceremony: Ceremony) -> list[PublicKey]:
    return [key.public for key in ceremony.ring().keys if vault.holds(key.public)]


def spellings(secret: bytes) -> set[bytes]:
    """A secret as it might slip out: raw in part, in hex, in base64, as Python or JSON shows it."""
    raw = {secret[at : at + 16] for at in range(0, len(secret) - 15, 4)}
    shown = {secret.hex(), secret.hex().upper(), base64.b64encode(secret).decode()[:40], repr(secret)[2:-1]}
    shown |= {base64.urlsafe_b64encode(secret).decode()[:40], json.dumps(list(secret))}
    return raw | {text.encode() for text in shown}


def assert_no_secret_got_out(ceremony: Ceremony) -> None:
    passphrase = read_passphrase(ceremony.register / "private" / "passphrase")
    secrets = [*seeds_of(ceremony), passphrase, *(text.encode() for text in PASSPHRASES)]
    assert len(secrets) > 9 + len(PASSPHRASES)
    wanted = {spelling for secret in secrets for spelling in spellings(secret)}
    known = {ceremony.register / "private" / "passphrase", *ceremony.folder.glob("passphrase-*")}
    looked = 0
    for folder, _, names in os.walk(ceremony.folder):
        for path in (Path(folder) / name for name in names):
            if path in known:
                continue
            content = path.read_bytes()
            assert not [spelling for spelling in wanted if spelling in content], path
            looked += len(content)
    assert looked > 100_000
    assert ceremony.spoken.stat().st_size > 100


def test_the_search_for_secrets_finds_one_that_got_out(ceremony: Ceremony) -> None:
    (seed, *_) = seeds_of(ceremony)
    leak = ceremony.folder / "leak.log"
    for spelling in spellings(seed):
        leak.write_bytes(b"before " + spelling + b" after")
        with pytest.raises(AssertionError):
            assert_no_secret_got_out(ceremony)
    leak.unlink()


def test_a_failing_signer_leaves_no_secret_in_the_log(ceremony: Ceremony) -> None:
    services = ceremony.services()
    vault = services.vault
    public = _held(vault, ceremony)[0]
    signer = vault.signer(public)
    shown = [repr(services), repr(vault), repr(signer), str(signer), f"{signer!a}"]
    log = JsonLines()
    try:
        signer.sign("not bytes")  # type: ignore[arg-type]
    except (TypeError, AttributeError) as error:
        record = _record(error)
        shown.append(log.format(record))
    secret = spellings(bytes(signer._key))
    assert not [text for text in shown for spelling in secret if spelling in text.encode()]


def _record(error: Exception) -> logging.LogRecord:
    return logging.LogRecord(
        "keys", logging.ERROR, __file__, 1, "failed", (), (type(error), error, error.__traceback__)
    )


# --- unlocking ----------------------------------------------------------------------------------


def test_a_hundred_keys_are_unlocked_in_less_than_two_seconds(tmp_path: Path) -> None:
    passphrase = b"correct horse battery staple"
    vault = Vault.create(tmp_path / "vault", passphrase)
    publics = [vault.generate().public for _ in range(100)]
    # Time on the processor, because others share this machine; the least of three, for the same reason.
    took = []
    for _ in range(3):
        began = time.process_time()
        unlocked = Vault.unlock(tmp_path / "vault", passphrase)
        assert [unlocked.signer(public).public for public in publics] == publics
        took.append(time.process_time() - began)
    assert min(took) < 2
