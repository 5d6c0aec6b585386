"""From a file to a receipt that a stranger checks against the published folder, with no register."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from keys.acts import ActKind
from keys.errors import BadSignature
from keys.keyring import Role
from keys.opening import open_receipt, sign_receipt
from registry.demo.license_types import HAZARD
from registry.errors import Refused
from registry.intake.batches import Missing
from registry.intake.browsing import batch_of
from registry.intake.receipts import make_receipt
from registry.services import Services
from tests.registry.batches.filing import GOOD_ROWS, batch, filing, imported, named, proposed, rows, write_csv
from tests.registry.founded import founded, order
from verify.cli import verify_command
from verify.published import EvidenceWatch
from verify.receipts import CheckedReceipt, check_receipt
from verify.sources import FolderSource


def receipt_of(services: Services, number: int) -> bytes:
    with services.database.reading() as session:
        return make_receipt(
            *(session, batch_of(session, number, None)),
            signers=services.signers(session),
            public=services.publication().public,
            at=services.clock(),
        )


def checked(services: Services, signed: bytes) -> CheckedReceipt:
    public = FolderSource(services.config.published)
    evidence = EvidenceWatch(public).current(services.clock())
    assert evidence is not None
    return check_receipt(signed, evidence, public)


@pytest.fixture
def register(tmp_path: Path) -> Services:
    return founded(tmp_path / "register")


def second_import(services: Services, folder: Path) -> int:
    """A file that issues, one that amends, renews and ends, and somebody's act in between."""
    imported(services, filing(services, write_csv(folder / "a.csv", rows(4)), HAZARD))
    order(services, named(services, "12/4/2569").code, ActKind.REVOCATION, reason="conditions")
    content = rows(6)
    del content[2:4]
    content[0] |= {"premises": "ชื่อใหม่", "valid_from": "2/3/2570"}
    options = replace(GOOD_ROWS, missing=Missing.END)
    return imported(
        services, filing(services, write_csv(folder / "b.csv", content), HAZARD, options=options)
    ).id


def test_a_receipt_lists_what_became_public_and_holds_against_the_published_log(
    register: Services, tmp_path: Path
):
    number = second_import(register, tmp_path)
    register.publish()
    found = checked(register, receipt_of(register, number))
    assert found.findings == ()
    by_act = sorted((line.act.name, line.row) for line in found.receipt.entries)
    assert by_act == [("AMENDMENT", 2), ("ENDING", 0), ("ISSUANCE", 4), ("ISSUANCE", 5), ("RENEWAL", 2)]
    assert found.receipt.counts == {"new": 2, "changed": 1, "unchanged": 1, "missing": 1}
    assert found.receipt.file == batch(register, number).file_hash
    assert max(line.index for line in found.receipt.entries) < found.log_size


def test_a_receipt_holds_after_the_log_has_grown(register: Services, tmp_path: Path):
    number = second_import(register, tmp_path)
    register.publish()
    signed = receipt_of(register, number)
    imported(register, filing(register, write_csv(tmp_path / "c.csv", rows(320)[6:]), HAZARD))
    register.clock.advance(seconds=5)  # type: ignore[attr-defined]
    register.publish()
    assert checked(register, signed).findings == ()


def test_there_is_no_receipt_before_everything_is_public(register: Services, tmp_path: Path):
    waiting = proposed(register, filing(register, write_csv(tmp_path / "w.csv", rows(2)), HAZARD))
    with pytest.raises(Refused):
        receipt_of(register, waiting)
    register.publish()
    number = second_import(register, tmp_path)
    with pytest.raises(Refused, match="being published"):
        receipt_of(register, number)


def test_a_line_that_the_log_does_not_have_is_named(register: Services, tmp_path: Path):
    number = second_import(register, tmp_path)
    register.publish()
    receipt = open_receipt(receipt_of(register, number), register.ring()).value
    with register.database.reading() as session:
        signer = register.signers(session).for_role(Role.STATUS, receipt.moment)
    first, *rest = receipt.entries
    for line in (replace(first, statement=bytes(32)), replace(first, act=ActKind.VOIDING)):
        forged = sign_receipt(replace(receipt, entries=(line, *rest)), signer)
        assert len(checked(register, forged).findings) == 1
    beyond = replace(receipt, entries=(*receipt.entries, replace(rest[-1], index=10_000)))
    assert len(checked(register, sign_receipt(beyond, signer)).findings) == 1


def test_a_receipt_with_a_changed_bit_is_no_receipt(register: Services, tmp_path: Path):
    number = second_import(register, tmp_path)
    register.publish()
    signed = bytearray(receipt_of(register, number))
    signed[-1] ^= 1
    with pytest.raises(BadSignature):
        checked(register, bytes(signed))


def test_the_command_says_that_all_is_there(register: Services, tmp_path: Path):
    number = second_import(register, tmp_path)
    register.publish()
    path = tmp_path / "batch.receipt"
    path.write_bytes(receipt_of(register, number))
    arguments = [str(path), "--receipt", "--published", str(register.config.published)]
    answer = CliRunner().invoke(verify_command, arguments)
    assert answer.exit_code == 0, answer.output
    assert "5 acts" in answer.output
    assert "all there" in answer.output
