"""The extract of a day: checked off line with a ring alone, and no damage makes it say more."""

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from keys import layout
from keys.acts import ActKind, Status
from keys.checkpoint import parse_note
from keys.cosignature import WitnessKey, cosign, with_cosignatures, witness_verifier_key
from keys.errors import KeysError, RingRefused
from keys.extract import Extract, encode_extract, parse_extract, sorted_files
from keys.keyring import sign_ring
from tests.keys.test_vectors import stored
from tests.verify.founding import NOON, ROOTS, first_ring, signer
from tests.verify.register import Issued
from tests.verify.site import Site, make_site
from verify.cli import verify_command
from verify.errors import EvidenceMissing, VerifyError
from verify.extracts import check_extract
from verify.verdict import GREEN, Kind

DAY = "2026-11-22"
# Every byte takes minutes: a prime step comes to each kind of part, and with 1 to all of them.
STEP = int(os.environ.get("PERMITS_MUTATION_STEP", "23"))
WITNESS = WitnessKey("witness.example/w1", signer("witness").public)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def cosigned(site: Site, moment: int) -> None:
    path = site.register.public / layout.CHECKPOINT
    line = cosign(parse_note(path.read_bytes())[0], WITNESS.name, signer("witness"), moment=moment)
    path.write_bytes(with_cosignatures(path.read_bytes(), [line]))


def three_days(site: Site) -> Issued:
    """Valid on the first day, suspended on the second, reinstated on the third; others beside it."""
    register = site.register
    issued = register.issue()
    register.issue()
    site.publish()
    cosigned(site, 7)
    register.later(days=1)
    register.order(ActKind.SUSPENSION, issued, Status.SUSPENDED, reason="conditions")
    site.publish()
    register.next_ring(issued=register.ring.issued + 1)
    register.later(days=1)
    register.order(ActKind.REINSTATEMENT, issued, Status.VALID)
    site.publish()
    cosigned(site, 9)
    return issued


def extract_of(site: Site, issued: Issued, on: str = DAY) -> bytes:
    answer = site.client.get(f"/c/{issued.code}/extract?on={on}")
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/cbor"
    name = f"{issued.code}-{on}.permit-extract"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.data


def told(content: bytes, pinned: bytes | None = None) -> tuple[Kind, Kind]:
    found = check_extract(content, pinned).found
    return found.then.kind, found.now.kind


def test_an_extract_says_what_the_page_says_of_each_day(site: Site) -> None:
    issued = three_days(site)
    for on, kind in ((DAY, Kind.VALID), ("2026-11-23", Kind.SUSPENDED), ("2026-11-24", Kind.VALID)):
        content = extract_of(site, issued, on)
        assert told(content) == told(content, sign_ring(first_ring(), ROOTS)) == (kind, kind)
        assert content == extract_of(site, issued, on)


def test_an_extract_names_when_a_witness_saw_the_log(site: Site) -> None:
    checked = check_extract(extract_of(site, three_days(site)), None, [WITNESS])
    assert (checked.seen_then, checked.seen_now) == ({WITNESS: 7}, {WITNESS: 9})


def test_without_on_an_extract_is_of_today(site: Site) -> None:
    issued = three_days(site)
    answer = site.client.get(f"/c/{issued.code}/extract")
    assert check_extract(answer.data, None).found.day == site.register.now.date()


def test_just_after_midnight_an_extract_is_of_the_day_that_has_evidence(site: Site) -> None:
    issued = three_days(site)
    site.register.now = datetime(2026, 11, 24, 16, 59, 30, tzinfo=UTC)  # Half a minute before midnight.
    site.publish()
    site.register.later(seconds=45)  # Before the first snapshot of the new day.
    answer = site.client.get(f"/c/{issued.code}/extract")
    assert answer.status_code == 200, answer.text
    assert f"{issued.code}-2026-11-24.permit-extract" in answer.headers["Content-Disposition"]
    assert told(answer.data) == (Kind.VALID, Kind.VALID)
    site.publish()
    answer = site.client.get(f"/c/{issued.code}/extract")
    assert check_extract(answer.data, None).found.day == date(2026, 11, 25)


def test_an_extract_is_small_and_holds_no_other_license(site: Site) -> None:
    issued = three_days(site)
    content = extract_of(site, issued)
    extract = parse_extract(content)
    assert [act.index for act in extract.acts] == [0, 2, 3]
    assert site.register.pairs[1] is not None
    assert site.register.pairs[1][0] not in content
    assert len(content) < 20_000


def test_another_ring_than_the_register_s_opens_nothing(site: Site) -> None:
    content = extract_of(site, three_days(site))
    others = [signer(f"other root {n}") for n in range(3)]
    other = replace(first_ring(), roots=tuple(root.public for root in others))
    with pytest.raises((KeysError, VerifyError)):
        check_extract(content, sign_ring(other, others))


def worse(content: bytes, best: tuple[Kind, Kind]) -> bool:
    """Whether damaged bytes are refused, or say the same, or say less: never more."""
    try:
        found = told(content)
    except (KeysError, VerifyError):
        return True
    return found == best or not (set(found) & GREEN)


def test_a_flip_in_any_byte_is_refused_or_gives_no_better_verdict(site: Site) -> None:
    issued = three_days(site)
    for start, on in enumerate((DAY, "2026-11-23")):
        content = extract_of(site, issued, on)
        best = told(content)
        for at in range(start, len(content), STEP):
            damaged = content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :]
            assert worse(damaged, best), at


def test_a_cut_extract_is_refused(site: Site) -> None:
    content = extract_of(site, three_days(site))
    for end in range(0, len(content), 97):
        with pytest.raises(KeysError):
            check_extract(content[:end], None)


def parts_lacking(extract: Extract) -> dict[str, Extract]:
    lacking = {f"act {n}": replace(extract, acts=extract.acts[:n] + extract.acts[n + 1 :]) for n in range(3)}
    lacking |= {
        f"file {n}": replace(extract, files=extract.files[:n] + extract.files[n + 1 :])
        for n in range(len(extract.files))
    }
    lacking["newest ring"] = replace(extract, rings=extract.rings[:-1])
    lacking["first ring"] = replace(extract, rings=extract.rings[1:])
    lacking["growth"] = replace(extract, growth=())
    lacking["then for now"] = replace(extract, now=extract.then)
    lacking["now for then"] = replace(extract, then=extract.now)
    return lacking


def test_a_part_left_out_or_exchanged_never_gives_a_better_verdict(site: Site) -> None:
    issued = three_days(site)
    content = extract_of(site, issued, "2026-11-23")
    for what, extract in parts_lacking(parse_extract(content)).items():
        encoded = encode_extract(replace(extract, files=sorted_files(extract.files)))
        assert worse(encoded, (Kind.SUSPENDED, Kind.SUSPENDED)), what


def test_parts_of_two_extracts_cannot_be_mixed(site: Site) -> None:
    issued = three_days(site)
    one, other = (parse_extract(extract_of(site, issued, on)) for on in (DAY, "2026-11-23"))
    mixed = encode_extract(replace(other, then=one.then, files=sorted_files([*one.files, *other.files])))
    with pytest.raises((KeysError, VerifyError)):
        check_extract(mixed, None)


def test_an_extract_holds_nothing_that_proves_nothing(site: Site) -> None:
    extract = parse_extract(extract_of(site, three_days(site)))
    others = [signer(f"other root {n}") for n in range(3)]
    stranger = sign_ring(replace(first_ring(), roots=tuple(root.public for root in others)), others)
    first, last = extract.rings[0], extract.rings[-1]
    for rings in ((*extract.rings, stranger), (stranger, *extract.rings), (*extract.rings, last)):
        for pinned in (None, first, last):
            with pytest.raises(RingRefused):
                check_extract(encode_extract(replace(extract, rings=rings)), pinned)
    more = replace(extract, files=sorted_files([*extract.files, b"of another register"]))
    with pytest.raises(EvidenceMissing, match="that its snapshots do not name"):
        check_extract(encode_extract(more), first)


def test_an_extract_is_checked_from_any_of_its_rings(site: Site) -> None:
    content = extract_of(site, three_days(site))
    rings = parse_extract(content).rings
    assert len(rings) > 1
    assert {told(content, ring) for ring in rings} == {told(content)}


# --- the command ---------------------------------------------------------------------------------


def run(content: bytes, tmp_path: Path, *arguments: str) -> Result:
    path = tmp_path / "it.permit-extract"
    path.write_bytes(content)
    return CliRunner().invoke(verify_command, [str(path), *arguments])


def test_the_command_says_both_and_exits_by_what_is_known_now(site: Site, tmp_path: Path) -> None:
    issued = three_days(site)
    ring = tmp_path / "ring.cbor"
    ring.write_bytes((site.register.public / layout.keyring_path(1)).read_bytes())
    said = run(
        extract_of(site, issued), tmp_path, "--ring", str(ring), "--witness", witness_verifier_key(WITNESS)
    )
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    assert lines[1] == "Status on 22\u00a0November\u00a02026"
    assert lines[2].startswith(
        "Known on that day: VALID: valid (by the evidence of 2026-11-22T12:00:00+07:00"
    )
    assert lines[3].startswith(
        "Known about that day when this was made: VALID: valid (by the evidence of 2026-11-24"
    )
    assert "witness.example/w1 saw the log of that day at 1970-01-01T07:00:07+07:00" in lines
    suspended = run(extract_of(site, issued, "2026-11-23"), tmp_path, "--json")
    assert suspended.exit_code == 1
    value = json.loads(suspended.stdout)
    assert (value["known_then"]["verdict"], value["known_now"]["verdict"]) == ("SUSPENDED", "SUSPENDED")
    assert "trust anchor taken from the extract itself" in suspended.stderr


def test_the_command_refuses_what_is_no_extract_and_what_proves_nothing(site: Site, tmp_path: Path) -> None:
    content = extract_of(site, three_days(site))
    assert run(b"nothing", tmp_path).exit_code == 2
    extract = parse_extract(content)
    assert run(encode_extract(replace(extract, growth=())), tmp_path).exit_code == 1
    assert "proves nothing" in run(encode_extract(replace(extract, growth=())), tmp_path).stderr
    assert CliRunner().invoke(verify_command, ["12345678901244"]).exit_code == 2


def test_the_day_in_the_file_must_be_that_of_the_snapshot(site: Site) -> None:
    extract = parse_extract(extract_of(site, three_days(site)))
    assert extract.day == NOON.date()
    with pytest.raises(VerifyError):
        check_extract(encode_extract(replace(extract, day=site.register.now.date())), None)


def test_the_golden_extract_says_what_it_said_when_it_was_made() -> None:
    golden = stored("extract")
    checked = check_extract(bytes.fromhex(golden["extract"]), bytes.fromhex(golden["ring"]))
    assert (checked.code, checked.found.day.isoformat()) == (golden["code"], golden["day"])
    assert [checked.found.then.kind, checked.found.now.kind] == [golden["known_then"], golden["known_now"]]
