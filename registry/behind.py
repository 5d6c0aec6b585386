"""The register must never run behind its log: what was published, or signed for, is not signed again.

An index, a position or a version given out twice cannot be taken back, so whatever acts or
publishes asks here first, with the log's head in its hand.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys import cose, layout
from keys.catalog import Text
from keys.checkpoint import parse_note
from keys.errors import KeysError
from keys.snapshot import parse_snapshot
from registry.audit_events import RECOVERED, RESTORED
from registry.db import Database
from registry.errors import BehindPublished
from registry.models import AuditEvent, LogHead

_KEY = "published"
_UNREADABLE = 1 << 62


@dataclass
class Published:
    """The largest log size that the files of one public folder speak of, read again when they change."""

    public: Path
    recovering: bool = False
    _seen: dict[str, tuple[tuple[int, int, int] | None, int]] = field(default_factory=dict)
    _compared: bool = False

    def size(self) -> int:
        """The larger of snapshot's and checkpoint's log size; 0 where nothing is published.

        Their signatures are not asked for: whoever can write here can only stop the register.
        A file that cannot be read stops it too, because it may be about more than the register has.
        """
        return max(self._sizes())

    def readable_size(self) -> int:
        """The same, of the files that can be read."""
        return max((size for size in self._sizes() if size != _UNREADABLE), default=0)

    def _sizes(self) -> tuple[int, int]:
        return (
            self._cached(layout.SNAPSHOT, _size_of_snapshot),
            self._cached(layout.CHECKPOINT, _size_of_checkpoint),
        )

    def _cached(self, name: str, read: Callable[[bytes], int]) -> int:
        path = self.public / name
        try:
            found = path.stat()
        except FileNotFoundError:
            return 0
        mark = (found.st_ino, found.st_size, found.st_mtime_ns)
        if name not in self._seen or self._seen[name][0] != mark:
            try:
                size = read(path.read_bytes())
            except (KeysError, ValueError, IndexError):
                size = _UNREADABLE
            self._seen[name] = (mark, size)
        return self._seen[name][1]

    def require(self, session: Session, size: int) -> None:
        """Return if a register whose log has `size` entries may go on; raise `BehindPublished`."""
        if self.recovering:
            return
        published = self.size()
        if published == _UNREADABLE:
            raise unreadable(self.public)
        if published > size:
            raise behind(published, size)
        # A register is restored into an empty database, so one that was compared stays so.
        if not self._compared and _waits_for_recovery(session):
            raise restored()
        self._compared = True


def guard(database: Database, public: Path) -> None:
    """Let every act of this database look at the files published in `public` first."""
    published = Published(public)
    for sessions in (database.writing, database.reading):
        sessions.configure(info={_KEY: published})


def recovering(session: Session) -> None:
    """Let this session act although the register is behind: it is about to catch up."""
    published = session.info.get(_KEY)
    if isinstance(published, Published):
        session.info[_KEY] = Published(published.public, recovering=True)


def require_ahead(session: Session, size: int) -> None:
    """Return if a register with a log of `size` may act; raise `BehindPublished`."""
    published = session.info.get(_KEY)
    if isinstance(published, Published):
        published.require(session, size)


def require_caught_up(session: Session) -> None:
    """Return if this register may store what is to be entered later; raise `BehindPublished`."""
    require_ahead(session, session.scalars(select(LogHead.size)).one())


def require_publishable(session: Session, size: int, public: Path) -> None:
    """Return if a register with a log of `size` may publish in `public`; raise `BehindPublished`."""
    published = session.info.get(_KEY)
    if not isinstance(published, Published) or published.public != public:
        published = Published(public)
    published.require(session, size)


def require_register(database: Database, public: Path) -> None:
    """Return if the register may run over what is published in `public`; raise `BehindPublished`."""
    published = Published(public)
    for _ in range(2):
        with database.reading() as session:
            size = session.scalars(select(LogHead.size)).first()
            if size is None:
                return
            try:
                published.require(session, size)
            except BehindPublished:
                continue  # Another one may have published between our two looks: look once more.
            return
    with database.reading() as session:
        published.require(session, session.scalars(select(LogHead.size)).one())


def _waits_for_recovery(session: Session) -> bool:
    newest = (
        select(AuditEvent.event)
        .where(AuditEvent.event.in_([RESTORED, RECOVERED]))
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return session.scalars(newest).first() == RESTORED


def _size_of_snapshot(signed: bytes) -> int:
    return parse_snapshot(cose.parse_sign1(signed).payload).log_size


def _size_of_checkpoint(note: bytes) -> int:
    return int(parse_note(note)[0].split("\n")[1])


def behind(published: int, size: int) -> BehindPublished:
    """The refusal of a register that lacks entries."""
    return BehindPublished(
        Text(
            f"ทะเบียนนี้เก่ากว่าที่เผยแพร่แล้ว (เผยแพร่ {published} รายการ มีอยู่ {size}) จึงยังไม่ทำรายการใด ๆ "
            "ผู้ดูแลระบบต้องสั่ง permits recover",
            f"This register is older than what it has published ({published} entries; it has {size}), "
            "so nothing is entered, published or signed: run `permits recover`",
        )
    )


def restored() -> BehindPublished:
    """The refusal of a register that came from a backup and was compared with nothing yet."""
    return BehindPublished(
        Text(
            "ทะเบียนนี้กู้คืนจากสำเนาสำรอง และยังไม่ได้เทียบกับที่เผยแพร่ จึงยังไม่ทำรายการใด ๆ ผู้ดูแลระบบต้องสั่ง permits recover",
            "This register was restored from a backup and has not been compared with what is published, "
            "so nothing is entered, published or signed: run `permits recover`",
        )
    )


def unreadable(public: Path) -> BehindPublished:
    """The refusal of a register that cannot tell how much is published."""
    return BehindPublished(
        Text(
            "อ่านไฟล์ที่เผยแพร่ล่าสุดไม่ได้ จึงยังไม่ทำรายการใด ๆ ผู้ดูแลระบบต้องสั่ง permits recover",
            f"The snapshot or checkpoint in {public} cannot be read, so nothing is entered, published or "
            "signed: put a good copy there, or run `permits recover --from` one",
        )
    )


def clock_behind() -> BehindPublished:
    """The refusal of a machine whose clock stands before the newest snapshot."""
    return BehindPublished(
        Text(
            "นาฬิกาของเครื่องช้ากว่าข้อมูลที่เผยแพร่ล่าสุด ผู้ดูแลระบบต้องตั้งนาฬิกาให้ตรง",
            "This machine's clock stands before the newest published snapshot: set the clock",
        )
    )
