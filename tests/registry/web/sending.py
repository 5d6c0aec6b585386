"""A file that an officer sends by the form of the page."""

import io
from typing import Any

from registry.intake.browsing import batches_of
from registry.models import Batch
from tests.registry.two_agencies import HAZARD, HUA_HIN, Founded
from tests.registry.web.conftest import Visitor


def send(officer: Visitor, content: bytes, name: str = "ต.ค. 69.csv", **changes: str) -> Any:
    """Send a file by the form."""
    officer.get("/batches/new")
    sent = {"type": str(HAZARD), "file": (io.BytesIO(content), name), **changes}
    return officer.submit("ส่งไฟล์ แล้วจับคู่คอลัมน์", sent)


def newest(register: Founded) -> Batch:
    """The batch that was made last."""
    with register.services.database.reading() as session:
        return batches_of(session, HUA_HIN, size=1)[0]
