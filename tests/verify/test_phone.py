"""The phone bundle: one request has all that a phone needs, and it judges as the folder without its log would."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from keys import layout
from keys.acts import Status
from keys.base10 import to_digits
from keys.denied import denied_set
from keys.errors import KeysError, Malformed
from keys.keyring import KeyState, sign_ring
from keys.opening import sign_denied_set
from keys.phone import PHONE_BUNDLE, encode_phone_bundle, parse_phone_bundle
from keys.snapshot import Denial
from tests.verify.founding import ROOTS, TOWN, first_ring, signer
from tests.verify.judging import evidence_of
from tests.verify.register import Issued, Register
from tests.verify.site import Site, make_site
from verify.check import check_card
from verify.cli import verify_command
from verify.phone import BundleSource, make_bundle
from verify.published import EvidenceWatch
from verify.sources import FolderSource
from verify.verdict import OFF_LINE, Detail, Kind, Verdict

TOWN_KEY = signer(f"agency {TOWN} 2026").public
PINNED = sign_ring(first_ring(), ROOTS)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path)


def bundle_of(register: Register) -> bytes:
    return make_bundle(evidence_of(register), FolderSource(register.public))


def on_phone(content: bytes, issued: Issued, at: datetime) -> Verdict:
    """What a phone says that has the first ring and the bundle, and nothing else."""
    evidence = EvidenceWatch(BundleSource(content), PINNED).current(at)
    return check_card(issued.signed_card, evidence, at=at, rules=OFF_LINE)


def some(register: Register) -> Sequence[Issued]:
    """A license in force, one suspended and one revoked, under the second ring."""
    register.next_ring(issued=register.ring.issued + 1)
    made = [register.issue(status=status) for status in (Status.VALID, Status.SUSPENDED, Status.INVALID)]
    register.publish()
    return made


def test_a_phone_with_the_bundle_alone_tells_the_verdicts_for_a_day(register: Register) -> None:
    made, content = some(register), bundle_of(register)
    kinds = [on_phone(content, one, register.now).kind for one in made]
    assert kinds == [Kind.VALID, Kind.SUSPENDED, Kind.REVOKED]
    later = register.now + timedelta(hours=24, seconds=1)
    kinds = [on_phone(content, one, later).kind for one in made]
    assert kinds == [Kind.CANNOT_TELL, Kind.CANNOT_TELL, Kind.REVOKED]


def test_a_card_under_a_denied_key_is_told_by_the_set_in_the_bundle(register: Register) -> None:
    good, late = register.issue(), register.issue()
    register.denied = (Denial(TOWN_KEY.thumbprint, late.index),)
    register.publish()
    kinds = [on_phone(bundle_of(register), one, register.now).kind for one in (good, late)]
    assert kinds == [Kind.CANNOT_TELL] * 2  # Its set is not written yet.
    value = denied_set(TOWN_KEY.thumbprint, late.index, [layout.sha256(good.signed_card)])
    path = layout.denied_set_path(TOWN_KEY.thumbprint)
    register._write(path, sign_denied_set(value, signer("status 2026")))
    content = bundle_of(register)
    verdicts = [on_phone(content, one, register.now) for one in (good, late)]
    assert [(v.kind, v.detail) for v in verdicts] == [
        (Kind.VALID, None),
        (Kind.NOT_GENUINE, Detail.KEY_DENIED),
    ]


def test_the_bundle_has_what_the_snapshot_names_and_nothing_of_the_records(register: Register) -> None:
    some(register)
    files = parse_phone_bundle(bundle_of(register))
    snapshot = register.snapshot
    assert snapshot is not None
    assert set(files) == {
        "snapshot",
        "log/checkpoint",
        "keyring/1.cbor",
        "keyring/2.cbor",
        "catalog/1.json",
        layout.list_index_path(snapshot.lists),
        "status/1/2026/1/1.jwt",
    }
    assert all((register.public / path).read_bytes() == file for path, file in files.items())


def test_a_checkpoint_of_another_size_is_left_out(register: Register) -> None:
    some(register)
    before = (register.public / layout.CHECKPOINT).read_bytes()
    register.issue()
    register.publish()
    register._write(layout.CHECKPOINT, before)
    assert layout.CHECKPOINT not in parse_phone_bundle(bundle_of(register))


@pytest.mark.parametrize("how", ["leave out", "flip", "older"])
def test_a_bundle_with_a_part_changed_never_makes_a_card_green(register: Register, how: str) -> None:
    """Whichever file it is: the phone has no evidence then, or lacks what it needs."""
    *_, revoked = some(register)
    older = parse_phone_bundle(bundle_of(register))
    register.later(minutes=5)
    register.ring = replace(
        register.ring,
        version=3,
        keys=tuple(
            replace(key, state=KeyState.COMPROMISED, good_size=0) if key.public == TOWN_KEY else key
            for key in register.ring.keys
        ),
    )
    register.publish()
    files = parse_phone_bundle(bundle_of(register))
    for path, file in files.items():
        changed = dict(files)
        if how == "leave out":
            changed.pop(path)
        elif how == "flip":
            changed[path] = (
                file[: len(file) // 2] + bytes([file[len(file) // 2] ^ 1]) + file[len(file) // 2 + 1 :]
            )
        elif path in older and path != layout.SNAPSHOT:
            changed[path] = older[path]
        try:
            verdict = on_phone(encode_phone_bundle(changed), revoked, register.now)
        except Malformed:
            assert (path, how) == (layout.SNAPSHOT, "leave out")
            continue
        assert verdict.kind not in (Kind.VALID, Kind.RENEWAL_PENDING), path


@given(st.binary(max_size=60))
def test_nothing_but_our_own_error_escapes_from_any_bytes(content: bytes) -> None:
    with pytest.raises(KeysError):
        BundleSource(content)


# --- how it is fetched and opened -----------------------------------------------------------------


def test_one_request_fetches_it_and_an_unchanged_one_costs_nothing(tmp_path: Path) -> None:
    site: Site = make_site(tmp_path)
    assert site.client.get(f"/{PHONE_BUNDLE}").status_code == 404
    issued = site.register.issue()
    site.publish()
    answer = site.client.get(f"/{PHONE_BUNDLE}")
    assert (answer.status_code, answer.mimetype) == (200, "application/cbor")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert on_phone(answer.data, issued, site.register.now).kind is Kind.VALID
    mark = {"If-None-Match": answer.headers["ETag"]}
    again = site.client.get(f"/{PHONE_BUNDLE}", headers=mark)
    assert (again.status_code, again.data) == (304, b"")
    site.register.later(minutes=1)
    site.publish()
    newer = site.client.get(f"/{PHONE_BUNDLE}", headers=mark)
    assert newer.status_code == 200
    assert newer.data != answer.data


def test_a_denied_set_is_served_too(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.publish()
    value = denied_set(TOWN_KEY.thumbprint, 0, [])
    path = layout.denied_set_path(TOWN_KEY.thumbprint)
    site.register._write(path, signed := sign_denied_set(value, signer("status 2026")))
    answer = site.client.get(f"/{path}")
    assert (answer.data, answer.headers["Cache-Control"]) == (signed, "no-cache")


def test_the_verify_command_judges_by_a_bundle_as_a_phone_does(register: Register, tmp_path: Path) -> None:
    register.now = datetime.now(UTC)
    issued = register.issue(valid_from=register.now.date() - timedelta(days=9), valid_until=None)
    register.publish()
    file = tmp_path / "phone.bundle"
    file.write_bytes(bundle_of(register))
    shutil.rmtree(register.public)
    words = [to_digits(issued.signed_card), "--bundle", str(file)]
    done = CliRunner().invoke(verify_command, words)
    assert (done.exit_code, "VALID" in done.output) == (0, True)
    file.write_bytes(b"\xa0")
    done = CliRunner().invoke(verify_command, words)
    assert (done.exit_code, "not a phone bundle" in done.output) == (2, True)
