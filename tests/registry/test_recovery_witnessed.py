"""Recovery beside keys that were marked compromised, and witnesses who have seen more."""

import shutil
from pathlib import Path

import pytest

from keys.keyring import Role
from registry.backup import back_up, restore
from registry.copies import FolderCopy
from registry.db import open_database
from registry.errors import BehindPublished, CannotRecover, Refused
from registry.files import Folder
from registry.recovery import recover
from registry.services import Services
from tests.registry.founded import TOWN, Clock, founded, issue
from tests.registry.key_steps import compromise, key_of, log_size, propose
from tests.registry.restoring import findings, run_recover
from tests.registry.test_witnessing import witness_of, witnessing


def test_a_key_marked_compromised_after_the_backup_stays_denied(tmp_path: Path):
    services = founded(tmp_path / "register", Clock())
    issue(services, 1)
    services.publish()
    back_up(services.database, tmp_path / "backup.gz", at=services.clock())
    key, proposed = key_of(services, Role.AGENCY, TOWN), propose(services, Role.LOG)
    compromise(services, key, log_size(services))
    denied = services.publish().denied
    empty = open_database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    restore(empty, tmp_path / "backup.gz", at=services.clock())
    again = Services(services.config, empty, services.vault, services.clock)
    lost = run_recover(again).lost
    assert [each.what[:26] for each in lost] == [f"the proposed key {proposed.public.thumbprint.hex()[:8]}:"]
    assert again.publish().denied == denied
    with pytest.raises(Refused, match="no signing key"):
        issue(again, 2)
    assert findings(again) == []
    for database in (empty, services.database):
        database.engine.dispose()


def test_a_mirror_older_than_what_a_witness_has_seen_is_refused(tmp_path: Path):
    services = founded(tmp_path / "register", Clock())
    issue(services, 1)
    services.publish()
    back_up(services.database, tmp_path / "backup.gz", at=services.clock())
    shutil.copytree(services.config.published.parent, tmp_path / "mirror")
    issue(services, 2)
    services.publish()
    with witness_of(services, tmp_path, "witness.example.org") as witness:
        assert witnessing(services, witness).collect()
        shutil.rmtree(services.config.published.parent)
        empty = open_database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
        restore(empty, tmp_path / "backup.gz", at=services.clock())
        again = Services(services.config, empty, services.vault, services.clock)
        mirror, records = FolderCopy(tmp_path / "mirror/public"), FolderCopy(tmp_path / "mirror/records")
        with (
            pytest.raises(CannotRecover, match=r"witness.example.org has cosigned"),
            empty.writing.begin() as session,
        ):
            recover(
                session,
                Folder(again.config.published),
                [mirror],
                records,
                at=again.clock(),
                witnesses=[witness],
            )
    with pytest.raises(BehindPublished):
        issue(again, 3)
    for database in (empty, services.database):
        database.engine.dispose()
