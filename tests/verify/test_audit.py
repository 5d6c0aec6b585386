"""The audit finds nothing in an honest register, and names what is wrong in any other."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from keys import layout
from keys.acts import ActKind, Status
from keys.base10 import to_digits
from keys.checkpoint import Checkpoint, sign_checkpoint
from keys.cosignature import WitnessKey, cosign, with_cosignatures
from keys.entry import LogEntry, encode_entry, parse_entry
from keys.keyring import sign_ring
from keys.opening import sign_card
from keys.statuslist import put
from tests.verify.founding import CLOSED, HOST, ROOTS, signer
from tests.verify.register import Issued, Register
from verify.audit import Report, audit
from verify.cli import audit_command, verify_command
from verify.sources import FolderSource
from verify.watching import monitor_command


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """Every kind of act, a closed type, key acts and an erasure."""
    register = Register(tmp_path)
    register.log_keys()
    for n in range(260 - len(register.entries)):
        register.key_act(ActKind.KEY_PROPOSED, n.to_bytes(32, "big"))
    first = register.issue()
    register.order(ActKind.SUSPENSION, first, Status.SUSPENDED)
    register.order(ActKind.REINSTATEMENT, first, Status.VALID)
    register.order(ActKind.RENEWAL_FILING, first, Status.RENEWAL_PENDING)
    register.later(seconds=5)
    second = register.issue(ActKind.RENEWAL, after=first)
    register.issue(ActKind.REPLACEMENT, after=second)
    register.order(ActKind.REVOCATION, register.issue(), Status.INVALID, reason="conditions")
    register.issue(license_type=CLOSED)
    register.publish()
    register.erase(register.issue().index)
    register.publish()
    return register


def report_on(register: Register, *, records: bool = True) -> Report:
    return audit(
        FolderSource(register.public),
        at=register.now + timedelta(seconds=1),
        records=FolderSource(register.records) if records else None,
        pinned=sign_ring(Register(Path()).ring, ROOTS),
    )


def findings(register: Register) -> str:
    return "\n".join(f"{f.where}: {f.what}" for f in report_on(register).findings)


def test_an_honest_register_has_no_findings(register: Register) -> None:
    report = report_on(register)
    assert report.findings == []
    assert (report.log_size, report.licenses, report.lists) == (271, 4, 1)
    assert report.statements == 8
    assert report_on(register, records=False).statements == 0


def test_progress_ends_at_the_whole_log(register: Register) -> None:
    told: list[tuple[int, int]] = []
    audit(
        FolderSource(register.public),
        at=register.now,
        progress=lambda done, whole: told.append((done, whole)),
    )
    assert told == [(256, 271), (271, 271)]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("log/tile/entries/000", "log/tile/0/000"),
        ("log/tile/entries/001.p/15", "log/tile/0/001.p/15"),
        ("log/tile/0/000", "log/tile/0/000"),
        ("log/tile/1/000.p/1", "log/tile/1/000.p/1"),
        ("log/checkpoint", "log/checkpoint"),
        ("snapshot", "snapshot"),
        ("keyring/1.cbor", "keyring/1.cbor"),
        ("keyring.cbor", "keyring.cbor"),
        ("jwks.json", "jwks.json"),
        ("catalog.json", "catalog.json"),
        ("catalog/1.json", "catalog/1.json"),
        ("status/index.cbor", "status/index.cbor"),
        ("status/1/2026/1/2.jwt", "status/1/2026/1/2.jwt"),
        ("status/1/2026/1/current.jwt", "status/1/2026/1/current.jwt"),
    ],
)
@pytest.mark.parametrize("how", ["flip", "truncate", "delete"])
def test_a_damaged_public_file_is_named(register: Register, path: str, said: str, how: str) -> None:
    file = register.public / path
    content = file.read_bytes()
    if how == "delete":
        file.unlink()
    else:
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        file.write_bytes(flipped if how == "flip" else content[:-1])
    assert said in findings(register)


def test_a_damaged_records_file_is_named(register: Register) -> None:
    bundles = sorted(register.records.glob("bundle/001/*"), key=lambda path: path.stat().st_mtime)
    file = bundles[-1]
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert str(file.relative_to(register.records)) in findings(register)
    file.unlink()
    assert str(file.relative_to(register.records)) in findings(register)


def _rewrite(change: Callable[[LogEntry], LogEntry], index: int = 260) -> Callable[[Register], None]:
    def rewrite(register: Register) -> None:
        register.entries[index] = encode_entry(change(parse_entry(register.entries[index])))

    return rewrite


def _repeat_position(register: Register) -> None:
    first = parse_entry(register.entries[260])
    register.entries.append(encode_entry(replace(first, subject=b"s" * 32, moment=first.moment + 99)))
    register.pairs.append(None)
    register.types.append(CLOSED)


def _wrong_status(register: Register) -> None:
    [(nibbles, _)] = register.lists.values()
    put(nibbles, 4711, Status.SUSPENDED)
    register.issue()


def _forget_superseded(register: Register) -> None:
    [(nibbles, _)] = register.lists.values()
    for position in range(65536):
        if nibbles[position >> 1] >> (4 * (position & 1)) & 15 == Status.SUPERSEDED:
            put(nibbles, position, Status.VALID)
    register.issue()


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (_rewrite(lambda e: replace(e, moment=e.moment + 10**6)), "is before the"),
        (_rewrite(lambda e: replace(e, status=Status.SUSPENDED)), "ISSUANCE cannot leave"),
        (_rewrite(lambda e: replace(e, subject=b"x" * 32)), "never issued"),
        (_rewrite(lambda e: replace(e, agency=2)), "missing"),
        (_rewrite(lambda e: replace(e, act=ActKind.RENEWAL)), "RENEWAL of a license that was never issued"),
        (_rewrite(lambda e: replace(e, statement=b"h" * 32)), "the statement is not the one"),
        (_rewrite(lambda e: replace(e, card=b"h" * 32)), "the card is not the one"),
        (_repeat_position, "was given out before"),
        (_wrong_status, "positions differ from what the entries say: 4711"),
        (_forget_superseded, "positions differ"),
    ],
)
def test_what_no_honest_register_logs_is_named(
    register: Register, lie: Callable[[Register], None], said: str
) -> None:
    lie(register)
    register.later(minutes=1)
    register.publish()
    assert said in findings(register)


def test_an_order_about_an_older_version_or_an_ended_license_is_named(register: Register) -> None:
    first = register.issue()
    register.issue(ActKind.RENEWAL, after=first)
    register.order(ActKind.SUSPENSION, first, Status.SUSPENDED)
    ended = register.issue()
    register.order(ActKind.ENDING, ended, Status.ENDED, outcome="ceased")
    register.order(ActKind.REINSTATEMENT, ended, Status.VALID)
    register.publish()
    said = findings(register)
    assert "not the license's newest" in said
    assert "REINSTATEMENT of a license that is ENDED" in said


def test_a_statement_that_is_gone_without_an_erasure_in_the_log_is_named(register: Register) -> None:
    gone = register.issue().index
    register.pairs[gone] = None
    register.publish()
    assert f"log index {gone}: the manifest says ERASED, and no later entry" in findings(register)


def test_an_order_under_the_entry_of_another_license_is_named(register: Register) -> None:
    one, other = register.issue(), register.issue()
    index = register.order(ActKind.SUSPENSION, one, Status.SUSPENDED)
    register._put(one.record.agency, one.record.status, Status.VALID)
    register._put(one.record.agency, other.record.status, Status.SUSPENDED)
    theirs = parse_entry(register.entries[other.index])
    entry = replace(parse_entry(register.entries[index]), subject=theirs.subject, ref=theirs.ref)
    register.entries[index] = encode_entry(entry)
    register.publish()
    assert findings(register) == (
        f"log index {index}: the entry is about another license than {one.code} before"
    )


def test_one_code_for_two_licenses_is_named(register: Register) -> None:
    code = register.issue().code
    index = register.issue(code=code).index
    register.publish()
    assert findings(register) == f"log index {index}: the entry is about another license than {code} before"


def test_a_card_that_says_something_else_than_its_record_is_named(register: Register) -> None:
    issued = register.issue()
    assert issued.card is not None
    key = signer(f"agency {issued.record.agency} 2026")
    later = sign_card(replace(issued.card, valid_until=date(2036, 1, 1)), key)
    register.pairs[issued.index] = (issued.signed, later)
    entry = replace(parse_entry(register.entries[issued.index]), card=layout.sha256(later))
    register.entries[issued.index] = encode_entry(entry)
    register.publish()
    assert findings(register) == f"log index {issued.index}: the card says something else than the record"


def test_a_missing_bundle_is_one_finding_and_not_one_for_each_entry(register: Register) -> None:
    (register.public / "log/tile/entries/000").unlink()
    where = [finding.where for finding in report_on(register, records=False).findings]
    assert where.count("log/tile/entries/000") == 1
    assert not {f"log index {index}" for index in range(256)} & set(where)


def test_an_audit_of_a_log_said_to_be_endless_ends(register: Register) -> None:
    endless = Checkpoint(register.ring.origin, 10**18, b"r" * 32)
    register._write(layout.CHECKPOINT, sign_checkpoint(endless, signer("log 2026")))
    *_, last = report_on(register).findings
    assert (last.where, last.what.partition(" after ")[0]) == (
        "log/checkpoint",
        "so much is wrong that the audit stopped",
    )


def test_a_checkpoint_of_another_log_is_named(register: Register) -> None:
    other = Checkpoint(register.ring.origin, len(register.entries), b"r" * 32)
    register._write(layout.CHECKPOINT, sign_checkpoint(other, signer("log 2026")))
    assert "its root is not that of the published entries" in findings(register)


def test_the_log_must_extend_every_checkpoint_saved_before(register: Register) -> None:
    saved = (register.public / layout.CHECKPOINT).read_bytes()
    for _ in range(3):
        register.issue()
        register.publish()
        report = audit(FolderSource(register.public), at=register.now, saved=[saved])
        assert report.findings == []
    of_another = sign_checkpoint(Checkpoint(register.ring.origin, 265, b"r" * 32), signer("log 2026"))
    larger = sign_checkpoint(Checkpoint(register.ring.origin, 999, b"r" * 32), signer("log 2026"))
    stranger = sign_checkpoint(Checkpoint(register.ring.origin, 265, b"r" * 32), signer("forger"))
    report = audit(
        FolderSource(register.public), at=register.now, saved=[saved, of_another, larger, stranger]
    )
    assert [(f.where, f.what.partition(" ")[0]) for f in report.findings] == [
        ("saved checkpoint 3", "covers"),
        ("saved checkpoint 4", "UnknownKey:"),
        ("log index 264", "a"),
    ]


def test_a_checkpoint_that_too_few_witnesses_cosigned_is_named(register: Register) -> None:
    witness = WitnessKey("witness.example/w1", signer("witness").public)
    source = FolderSource(register.public)
    wanted: dict[str, Any] = {"witnesses": [witness], "quorum": 1}
    report = audit(source, at=register.now, **wanted)
    assert [f.where for f in report.findings] == [layout.CHECKPOINT]
    path = register.public / layout.CHECKPOINT
    text = path.read_text().partition("\n\n")[0] + "\n"
    line = cosign(text, witness.name, signer("witness"), moment=7)
    path.write_bytes(with_cosignatures(path.read_bytes(), [line]))
    assert audit(source, at=register.now, **wanted).findings == []


# --- the commands -------------------------------------------------------------------------------


@pytest.fixture
def issued(tmp_path: Path) -> tuple[Register, Issued]:
    """A register as of now, because the commands ask the machine what time it is."""
    register = Register(tmp_path)
    register.now = datetime.now(UTC)
    register.log_keys()
    issued = register.issue(valid_from=register.now.date() - timedelta(days=9), valid_until=None)
    register.publish()
    return register, issued


def run(command: object, *args: object) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(a) for a in args])  # type: ignore[arg-type]
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_the_audit_command_exits_with_one_when_something_is_wrong(issued: tuple[Register, Issued]) -> None:
    register, _ = issued
    code, output = run(audit_command, register.public, "--records", register.records)
    assert (code, "nothing wrong" in output) == (0, True)
    assert "trust anchor taken from the published files themselves" in output
    (register.public / layout.CHECKPOINT).unlink()
    code, output = run(audit_command, register.public)
    assert (code, "log/checkpoint" in output) == (1, True)
    assert run(audit_command, register.folder / "nothing")[0] == 1


def test_an_empty_file_is_no_ring_to_trust(issued: tuple[Register, Issued]) -> None:
    register, license_ = issued
    empty = register.folder / "empty.cbor"
    empty.write_bytes(b"")
    for command, *arguments in (
        (audit_command, register.public),
        (verify_command, to_digits(license_.signed_card), "--published", register.public),
        (monitor_command, register.public, "--state", register.folder / "state"),
    ):
        assert run(command, *arguments)[0] == 0
        assert run(command, *arguments, "--ring", empty)[0] == 1


def test_the_verify_command_takes_digits_links_and_codes(issued: tuple[Register, Issued]) -> None:
    register, license_ = issued
    digits = to_digits(license_.signed_card)
    for text in (digits, f"https://{HOST}/v/{digits}"):
        code, output = run(verify_command, text, "--published", register.public)
        assert (code, "VALID" in output) == (0, True)
    code, output = run(verify_command, license_.code, "--published", register.public)
    assert (code, "--records" in output) == (2, True)
    records = ("--published", register.public, "--records", register.records)
    assert run(verify_command, license_.code, *records)[0] == 0
    code, output = run(verify_command, f"https://{HOST}/c/{license_.code}", *records, "--json")
    assert json.loads(output.splitlines()[-1])["license"]["code"] == license_.code
    assert run(verify_command, "00000000000098", *records)[0] == 1


@pytest.mark.parametrize(
    "text",
    ["", "12", "00000000000099", "https://evil.example/v/1", f"https://{HOST}.evil.example/c/1", "\x00"],
)
def test_the_verify_command_refuses_what_it_cannot_read(issued: tuple[Register, Issued], text: str) -> None:
    register, _ = issued
    code, output = run(verify_command, text, "--published", register.public, "--records", register.records)
    assert code == 2, output


def test_a_folder_without_the_log_is_judged_as_a_phone_would(issued: tuple[Register, Issued]) -> None:
    register, license_ = issued
    (register.public / "log").rename(register.folder / "away")
    code, output = run(verify_command, to_digits(license_.signed_card), "--published", register.public)
    assert (code, "VALID" in output) == (0, True)
