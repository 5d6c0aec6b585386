"""The last snapshot of each day is kept, so that it can be told later what was known on a day.

What it names lies under names that never hold other bytes, so the snapshot alone keeps all of it.
"""

from datetime import datetime

from keys import layout
from keys.checkpoint import open_checkpoint
from keys.dates import bangkok_date, from_seconds
from keys.errors import KeysError
from keys.keyring import KeyRing, Role
from keys.snapshot import Snapshot
from registry.files import Folder


def keep_day(public: Folder, last: Snapshot, ring: KeyRing, *, at: datetime) -> None:
    """Keep `last`, the snapshot in force, if its day in Bangkok is over at `at`.

    Called under the publisher's lock before anything of the next snapshot is written.  A stop leaves
    `last` in force, so the next run keeps the same bytes again.
    """
    day = bangkok_date(from_seconds(last.moment))
    signed = public.read(layout.SNAPSHOT)
    if signed is None or day >= bangkok_date(at):
        return
    public.write_new(layout.day_snapshot_path(day), signed)
    note = public.read(layout.CHECKPOINT)
    path = layout.day_checkpoint_path(day)
    # A repeat may find cosignatures that came since, or a newer checkpoint: the first one stays.
    if note is not None and not public.exists(path) and _is_of(note, last, ring):
        public.write_new(path, note)
    public.sync()


def _is_of(note: bytes, snapshot: Snapshot, ring: KeyRing) -> bool:
    try:
        checkpoint = open_checkpoint(note, ring.origin, [key.public for key in ring.with_role(Role.LOG)])
    except KeysError:
        return False
    return (checkpoint.size, checkpoint.root) == (snapshot.log_size, snapshot.log_root)
