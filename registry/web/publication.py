"""What is public already: the newest published snapshot, and the addresses of public pages."""

from sqlalchemy.orm import Session

from keys import layout
from keys.catalog import Text
from keys.errors import KeysError
from keys.opening import open_snapshot
from keys.snapshot import Snapshot
from registry.web.context import say, services


def published_snapshot(session: Session) -> Snapshot | None:
    """The snapshot that readers see now, behind its signature; None when there is none to trust."""
    signed = services().publication().public.read(layout.SNAPSHOT)
    if signed is None:
        return None
    try:
        return open_snapshot(signed, services().signers(session).ring).value
    except KeysError:
        return None


def published_size(session: Session) -> int:
    """How many entries of the log are public."""
    snapshot = published_snapshot(session)
    return snapshot.log_size if snapshot else 0


def publish_and_say(told: Text) -> None:
    """Publish what was done; the next page begins with `told` and with whether it is public already."""
    is_public = services().follow_act()
    now = Text("เผยแพร่แล้ว", "published") if is_public else Text("กำลังเผยแพร่", "being published")
    say(f"{told.th} · {now.th}", f"{told.en} · {now.en}")


def public_link(code: str) -> str:
    """The address of a license's public page."""
    return f"{services().config.base_url}/c/{code}"
