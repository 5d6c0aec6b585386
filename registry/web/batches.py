"""Batches to look at: the history, what a file would change row by row, how far it is, and its receipt."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from keys.acts import ActKind
from keys.catalog import LicenseType, Text
from registry.catalogs import current_catalog
from registry.intake.batches import KIND_WORDS, PROBLEMS, STATE_WORDS, Kind, Missing, Options, Release, State
from registry.intake.browsing import Change, batch_of, batches_of, changes_of, problems_of, rows_of, warned_of
from registry.intake.columns import items_of
from registry.intake.faults import RowFault
from registry.intake.releasing import digest_of, needs_second_person
from registry.intake.uploads import upload_of
from registry.lifecycle import ACT_WORDS
from registry.models import Batch, BatchRow, Upload
from registry.queries import names_of, officer_in_office
from registry.web.context import language, may, moment, officer, services, whole

pages = Blueprint("batches", __name__)

PAGE_SIZE = 50
_LOOK_AGAIN_SECONDS = 2
_COUNTED_FAULTS = 5_000
_MOST_SORTS = 12
_NUMBERS = re.compile(r"\d[\d,./-]*")
# The tabs of the diff, in their order; unchanged rows are only counted.
TABS = (Kind.NEW, Kind.CHANGED, Kind.MISSING, Kind.CONFLICT, Kind.FAULT, Kind.STALE)
# One more, of rows that stand under the first two as well.
LOOK = "look"
TAB_WORDS = {str(kind): words for kind, words in KIND_WORDS.items()} | {LOOK: Text("ควรตรวจ", "to look at")}


@pages.get("/")
def history() -> str:
    """The agency's batches, the newest first."""
    before = whole(request.args.get("before"))
    with services().database.reading() as session:
        found = batches_of(session, officer().agency, before=before, size=PAGE_SIZE)
        names, kinds = names_of(session, officer().agency), current_catalog(session).types
    return render_template(
        "batches.html",
        batches=[(batch, kinds[batch.license_type]) for batch in found],
        names=names,
        state_words=STATE_WORDS,
        following=found[-1].id if len(found) == PAGE_SIZE else None,
    )


@pages.get("/<positive:batch>")
def show(batch: int) -> Response:
    """One batch: its diff while it waits, its progress while it moves, its receipt when it is done."""
    with services().database.reading() as session:
        found = batch_of(session, batch, officer())
        if found.state == State.RECEIVED and may("import"):
            return make_response(redirect(url_for("columns.show", batch=batch)))
        kind = current_catalog(session).types[found.license_type]
        upload, names = upload_of(session, batch), names_of(session, found.agency)
        diff = _diff(session, found, kind) if found.state in _WITH_ROWS else None
        gone = found.proposer is not None and officer_in_office(session, found.proposer) is None
    page = render_template(
        "batch.html",
        batch=found,
        kind=kind,
        upload=upload,
        names=names,
        diff=diff,
        options=Options.of(found.options),
        progress=_progress(found, upload, moment()),
        deciding=_deciding(found, kind, proposer_gone=gone) if found.state == State.PROPOSED else None,
        state_words=STATE_WORDS,
        kind_words=TAB_WORDS,
    )
    answer = make_response(page)
    if found.state in (State.READING, State.RELEASED):
        # A header and no script: the page is asked for again by itself.
        answer.headers["Refresh"] = str(_LOOK_AGAIN_SECONDS)
    return answer


_WITH_ROWS = (State.PROPOSED, State.RELEASED, State.DONE, State.UNDONE)


# --- the diff -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of a tab: what it is, what it does, what it changes, and what is wrong with it."""

    row: BatchRow
    acts: tuple[Text, ...]
    changes: tuple[tuple[Text, Change], ...]
    faults: tuple[RowFault, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """One page of one tab; `sorts` says which faults there are how often, each with an example."""

    tab: str
    tabs: tuple[tuple[str, int], ...]
    rows: tuple[ShownRow, ...]
    following: int | None
    sorts: tuple[tuple[RowFault, int], ...]


def _diff(session: Session, batch: Batch, kind: LicenseType) -> Diff:
    counts = batch.counts.get("kinds", {})
    counted = [*((str(tab), counts.get(tab, 0)) for tab in TABS), (LOOK, batch.counts.get("warned", 0))]
    tabs = tuple((tab, count) for tab, count in counted if count)
    asked, after = request.args.get("show", ""), whole(request.args.get("after"))
    tab = asked if asked in TAB_WORDS else next((tab for tab, _ in tabs), str(Kind.NEW))
    if tab == LOOK:
        rows = warned_of(session, batch.id, after=after, size=PAGE_SIZE)
    else:
        rows = rows_of(session, batch.id, Kind(tab), after=after, size=PAGE_SIZE)
    shown = tuple(_shown(session, row, batch, kind) for row in rows)
    following = rows[-1].position if len(rows) == PAGE_SIZE else None
    return Diff(tab, tabs, shown, following, _sorts(session, batch) if tab in PROBLEMS else ())


def _shown(session: Session, row: BatchRow, batch: Batch, kind: LicenseType) -> ShownRow:
    labels = items_of(kind)
    changes: Sequence[Change] = ()
    if row.kind == Kind.CHANGED and batch.state == State.PROPOSED:
        changes = changes_of(session, row, services().signers(session).ring)
    return ShownRow(
        row,
        tuple(ACT_WORDS[ActKind(act)] for act in row.acts or ()),
        tuple((labels.get(change.name, Text(change.name, change.name)), change) for change in changes),
        tuple(RowFault.of_json(told) for told in row.remarks or ()),
    )


def _sorts(session: Session, batch: Batch) -> tuple[tuple[RowFault, int], ...]:
    """The faults of the first 5,000 rows by what is wrong where, the most frequent first."""
    counted, examples = Counter[tuple[str, str]](), dict[tuple[str, str], RowFault]()
    for row in problems_of(session, batch.id, size=_COUNTED_FAULTS):
        for told in row.remarks or ():
            fault = RowFault.of_json(told)
            sort = (fault.column, _NUMBERS.sub("#", fault.fault.what.th))
            counted[sort] += 1
            examples.setdefault(sort, fault)
    return tuple((examples[sort], count) for sort, count in counted.most_common(_MOST_SORTS))


# --- how far it is, and who decides -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of how many, how many a second, and the seconds left; None where it cannot be said yet."""

    count: int
    total: int
    rate: float | None
    seconds_left: int | None


def _progress(batch: Batch, upload: Upload | None, at: datetime) -> Progress | None:
    if batch.state == State.READING and upload is not None:
        count, total, since = upload.rows_read, upload.rows_total, batch.proposed_at
    elif batch.state == State.RELEASED and batch.released_at is not None:
        count, total, since = batch.entered, batch.total, batch.released_at
    else:
        return None
    passed = (at - since).total_seconds()
    rate = count / passed if count and passed > 0 else None
    left = round(max(total - count, 0) / rate) if rate and total else None
    return Progress(count, total, rate, left)


@dataclass(frozen=True, slots=True)
class Deciding:
    """What stands between a proposed batch and its release, and the words of its button."""

    button: Text
    needs_second: bool
    is_own: bool
    proposer_gone: bool
    undecided_missing: int
    problems: int
    warned: int
    blocked: bool
    digest: str


def _deciding(batch: Batch, kind: LicenseType, *, proposer_gone: bool) -> Deciding:
    options, kinds = Options.of(batch.options), batch.counts["kinds"]
    problems = sum(kinds.get(problem, 0) for problem in PROBLEMS)
    return Deciding(
        button=button_of(batch),
        needs_second=needs_second_person(batch, kind),
        is_own=batch.proposer == officer().id,
        proposer_gone=proposer_gone,
        undecided_missing=kinds.get(Kind.MISSING, 0) if options.missing is Missing.ASK else 0,
        problems=problems,
        warned=batch.counts.get("warned", 0),
        blocked=bool(problems) and options.release is Release.ALL_OR_NOTHING,
        digest=digest_of(batch),
    )


def button_of(batch: Batch) -> Text:
    """The release spelled out: `เผยแพร่ใบอนุญาตใหม่ 1,439 ใบ · แก้ไขรายการ 12 ใบ`."""
    counted = [(ActKind[name], count) for name, count in batch.counts.get("acts", {}).items() if count]
    thai = " · ".join(f"{_NEW.th if a is ActKind.ISSUANCE else ACT_WORDS[a].th} {n:,} ใบ" for a, n in counted)
    english = ", ".join(
        f"{n:,} {_NEW.en}" if a is ActKind.ISSUANCE else f"{ACT_WORDS[a].en} {n:,}" for a, n in counted
    )
    return Text(
        f"เผยแพร่{thai}" if thai else "ปิดชุดนี้", f"Publish: {english}" if english else "Close this batch"
    )


_NEW = Text("ใบอนุญาตใหม่", "new licenses")


def show_duration(seconds: int) -> str:
    """A time left as people say it: seconds, minutes, hours, rounded up."""
    for size, words in ((3600, Text("ชั่วโมง", "h")), (60, Text("นาที", "min"))):
        if seconds >= 2 * size:
            return f"{-(-seconds // size)} {words.show(language())}"
    return f"{seconds} {Text('วินาที', 's').show(language())}"
