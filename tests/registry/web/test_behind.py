"""A register that is older than what it has published: officers read, and are told why nothing can be entered."""

from collections.abc import Callable
from dataclasses import replace

from keys import layout
from keys.keyring import Role
from keys.opening import sign_snapshot
from registry.files import Folder
from tests.registry.two_agencies import Founded
from tests.registry.web.conftest import Visitor
from tests.registry.web.test_journeys import ORDER


def test_a_register_behind_its_log_says_so_and_enters_nothing(
    as_officer: Callable[[str], Visitor], register: Founded
) -> None:
    code = register.issue()
    snapshot = register.services.publish()
    with register.services.database.reading() as session:
        signer = register.services.signers(session).for_role(Role.STATUS, snapshot.moment)
    later = sign_snapshot(replace(snapshot, log_size=snapshot.log_size + 3), signer)
    public = Folder(register.services.config.published)
    public.replace(layout.SNAPSHOT, later)
    public.sync()
    officer = as_officer("somying")
    before = register.row(code).updated_index
    suspend = {**ORDER, "reason": "conditions", "until": "30/11/2569"}
    assert officer.get(f"/licenses/{code}/acts/suspension").status_code == 200
    officer.submit("ดูตัวอย่าง", suspend)
    answer = officer.submit("พักใช้ใบอนุญาต")
    assert answer.status_code == 503
    assert "เก่ากว่าที่เผยแพร่แล้ว" in officer.text()
    assert "permits recover" in officer.text()
    assert register.row(code).updated_index == before
