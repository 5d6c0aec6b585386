"""Published files and records over real TLS: who is trusted, who is let in, and a recovery from there."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.copies import copy_at
from registry.errors import CannotRecover
from registry.models import LicenseRow, StatusListRow
from registry.services import Services
from tests.registry.founded import Clock, found_at
from tests.registry.restoring import World, rows_of, small
from tests.tls import Authority, make_authority, served
from tests.verify.judging import held_of
from tests.verify.register import Register
from verify.audit import audit
from verify.errors import Missing, SourceAway
from verify.lookup import Lookup
from verify.published import EvidenceWatch
from verify.sources import FolderSource, WebSource
from wsgi import permits


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The authority, which this machine trusts for the test."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.trusted))
    return authority


# --- a verify host --------------------------------------------------------------------------------


def test_a_verify_host_reads_public_files_and_records_over_tls(tmp_path: Path, trusted: Authority) -> None:
    register = Register(tmp_path / "published")
    issued = register.issue()
    register.publish()
    with (
        served(register.public, trusted) as public,
        served(register.records, trusted, asks_for_certificate=True) as records,
    ):
        evidence = EvidenceWatch(WebSource(public)).current(register.now)
        assert evidence is not None
        lookup = Lookup(tmp_path / "lookup.sqlite", WebSource(records, certificate=trusted.client))
        lookup.advance(evidence)
        assert tuple(lookup.held(issued.code)) == held_of(register, issued.code)
        with pytest.raises(Missing):
            WebSource(public).read("nothing", limit=9)


def test_records_are_for_those_with_a_certificate_alone(tmp_path: Path, trusted: Authority) -> None:
    (tmp_path / "file").write_bytes(b"statement")
    other = make_authority(tmp_path / "other")
    with served(tmp_path, trusted, asks_for_certificate=True) as address:
        assert WebSource(address, certificate=trusted.client).read("file", limit=9) == b"statement"
        for certificate in (None, other.client):
            with pytest.raises(SourceAway):
                WebSource(address, certificate=certificate).read("file", limit=9)
            with pytest.raises(CannotRecover):
                copy_at(address, certificate=certificate).read("file")


def test_a_server_that_nobody_vouches_for_is_not_read(tmp_path: Path, authority: Authority) -> None:
    (tmp_path / "file").write_bytes(b"statement")
    with served(tmp_path, authority) as address:
        with pytest.raises(SourceAway, match="certificate"):
            WebSource(address).read("file", limit=9)
        with pytest.raises(CannotRecover, match="certificate"):
            copy_at(address).read("file")


# --- a recovery -----------------------------------------------------------------------------------


def test_a_register_recovers_from_a_mirror_and_records_by_its_certificate(
    tmp_path: Path, trusted: Authority
) -> None:
    """The machine is lost: the database comes from the backup, all that was published from elsewhere."""
    (tmp_path / "register").mkdir()
    database = f"sqlite:///{tmp_path / 'register' / 'register.sqlite'}"
    services = found_at(tmp_path / "register", database, Clock(datetime.now(UTC)))  # Keys are of years.
    small(World(services, services.database, tmp_path / "backup.gz"))
    before = [rows_of(services.database, table) for table in (LicenseRow, StatusListRow)]
    services.database.engine.dispose()
    for path in (tmp_path / "register").glob("register.sqlite*"):
        path.unlink()
    shutil.move(services.config.published.parent, tmp_path / "elsewhere")
    environment = {"PERMITS_DATA": str(tmp_path / "register"), "PERMITS_HOST": services.config.host}
    run = CliRunner(env=environment).invoke
    assert run(permits, ["restore", str(tmp_path / "backup.gz")]).exit_code == 0
    with (
        served(tmp_path / "elsewhere" / "public", trusted) as public,
        served(tmp_path / "elsewhere" / "records", trusted, asks_for_certificate=True) as private,
    ):
        words = ["recover", "--from", public, "--records", private]
        refused = run(permits, words)
        assert (refused.exit_code, refused.output.startswith("Error: ")) == (1, True), refused.output
        done = run(permits, [*words, "--certificate", str(trusted.client)])
    assert done.exit_code == 0, done.output
    assert "Took over 3 entries (26 to 29) with 3 statements" in done.output
    assert run(permits, ["publish"]).exit_code == 0
    again = Services.open(services.config)
    assert [rows_of(again.database, table) for table in (LicenseRow, StatusListRow)] == before
    found = audit(
        FolderSource(services.config.published),
        at=datetime.now(UTC),
        records=FolderSource(services.config.records),
    )
    assert found.findings == []
