"""Which column of a file feeds which item: proposed, shown with samples, corrected, and remembered.

Nothing is read in full here; the last button has the follower read the file.
"""

import json
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from keys.acts import Status
from keys.catalog import LicenseType, Text
from registry.catalogs import current_catalog
from registry.errors import Refused, refuse
from registry.intake.batches import Missing, NameAlone, Options, Release
from registry.intake.browsing import batch_of, problems_of, require_open
from registry.intake.columns import STANDINGS, ColumnMapping, items_of, match, parse_mapping, write_mapping
from registry.intake.eras import DATE_ITEMS, ColumnEra, find_eras
from registry.intake.guessing import Guess, assign, guess_columns
from registry.intake.readers import Sheet, open_sheet, squeeze
from registry.intake.receiving import folder_of
from registry.intake.sources import recall
from registry.intake.uploads import file_gone, start_reading, upload_of
from registry.models import Batch
from registry.terms import DateFault, Era, parse_day
from registry.web.context import acting, moment, officer, say, services
from registry.web.problems import note_refusal

pages = Blueprint("columns", __name__)

LARGEST_MAPPING = 64 << 10
_COUNTED_FAULTS = 5_000
_LOOKED_AT, _MOST_WORDS, _LONGEST = 300, 30, 200
STANDING_NAMES = {
    "valid": Text("ใช้ได้", "valid"),
    "suspended": Text("ถูกพักใช้", "suspended"),
    "ended": Text("สิ้นสุดแล้ว", "ended"),
    "revoked": Text("ถูกเพิกถอน", "revoked"),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A file whose columns are to be said: its batch, its type, its sheet, and what is guessed of it.

    `unknown_words` are those of status that a reading before could not tell.
    """

    batch: Batch
    kind: LicenseType
    sheet: Sheet
    guesses: tuple[Guess, ...]
    mapping: ColumnMapping
    is_remembered: bool
    unknown_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column as the page shows it: what it feeds, what else it feeds, how sure, and samples."""

    header: str
    item: str | None
    others: tuple[str, ...]
    is_joined: bool
    guess: Guess


@pages.get("/<positive:batch>/columns")
def show(batch: int) -> str:
    """The columns as they were said last, for this file or one like it, or else as they are guessed."""
    with services().database.reading() as session:
        paper = _paper(session, batch)
    return _page(paper, paper.mapping, Options.of(paper.batch.options))


@pages.post("/<positive:batch>/columns/edit")
def edit(batch: int) -> str:
    """The page again with what was chosen in it; nothing is stored."""
    with services().database.reading() as session:
        paper = _paper(session, batch)
    mapping, options, faults = _typed(paper)
    return _page(paper, mapping, options, faults)


@pages.post("/<positive:batch>/columns")
def start(batch: int) -> AnyResponse | tuple[str, int]:
    """Have the file read with these columns."""
    with services().database.reading() as session:
        paper = _paper(session, batch)
    mapping, options, faults = _typed(paper)
    if faults:
        return _page(paper, mapping, options, faults), 422
    with services().database.writing.begin() as session:
        start_reading(session, batch, acting(session), write_mapping(mapping), options, at=moment())
    return redirect(url_for("batches.show", batch=batch))


@pages.get("/<positive:batch>/mapping.json")
def give_mapping(batch: int) -> Response:
    """The mapping as a small file, for `permits import` and for the next time."""
    with services().database.reading() as session:
        paper = _paper(session, batch)
    text = json.dumps(write_mapping(paper.mapping), ensure_ascii=False, indent=2)
    answer = make_response(f"{text}\n")
    answer.headers["Content-Type"] = "application/json"
    answer.headers["Content-Disposition"] = f'attachment; filename="mapping-{batch}.json"'
    return answer


@pages.post("/<positive:batch>/mapping")
def take_mapping(batch: int) -> str | tuple[str, int]:
    """The page with the columns of a mapping file in it; nothing is stored yet."""
    with services().database.reading() as session:
        paper = _paper(session, batch)
    file = request.files.get("mapping")
    try:
        mapping = _parsed(file.stream.read(LARGEST_MAPPING) if file else b"", paper.kind)
    except Refused as error:
        note_refusal(error.code)
        return _page(paper, paper.mapping, Options.of(paper.batch.options), [error.words]), 422
    say("ใช้ไฟล์จับคู่แล้ว ตรวจแล้วกดอ่านไฟล์", "Taken from the file: look, then have it read")
    return _page(paper, mapping, Options.of(paper.batch.options))


def _parsed(content: bytes, kind: LicenseType) -> ColumnMapping:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        words = "ไฟล์นี้ไม่ใช่ไฟล์จับคู่คอลัมน์ (JSON)", "This is not a mapping file (JSON)"
        raise refuse("mapping", *words, field="mapping") from error
    return parse_mapping(value, kind)


# --- what is there ------------------------------------------------------------------------------


def _paper(session: Session, number: int) -> Paper:
    batch, upload = batch_of(session, number, officer()), upload_of(session, number)
    path = folder_of(services().config.data) / upload.stored if upload else None
    if path is None or upload is None or not path.exists():
        raise file_gone()
    require_open(batch)
    catalog = current_catalog(session)
    kind, agency = catalog.types[batch.license_type], catalog.agencies[batch.agency]
    said = parse_mapping(upload.mapping, kind) if upload.mapping else None
    # The sheet of this file: a remembered mapping may name one of an earlier file.
    name = said.sheet if said else None
    sheet = open_sheet(path, sheet=name)
    guessed = guess_columns(sheet, kind)
    known = None
    if said is None or not (said.columns or said.joined):
        said, known = None, recall(session, agency, kind, sheet)
    mapping = replace(said or known or guessed.mapping, sheet=name)
    words = _unknown_words(session, number)
    return Paper(batch, kind, sheet, guessed.columns, mapping, known is not None, words)


def _unknown_words(session: Session, number: int) -> tuple[str, ...]:
    """The words of the status column that were at fault when the file was read before, wherever they stood."""
    rows = problems_of(session, number, size=_COUNTED_FAULTS)
    told = (one for row in rows for one in row.remarks or ())
    return tuple(dict.fromkeys(one["value"] for one in told if one["item"] == "standing"))


def _columns(paper: Paper, mapping: ColumnMapping) -> list[Column]:
    mapped = match(paper.sheet, mapping)
    joined = {header for parts in mapped.joined.values() for part in parts for header in part.headers}
    columns = []
    for guess in paper.guesses:
        feeds = tuple(item for item, header in mapped.header_of.items() if header == guess.header)
        is_joined = guess.header in joined
        columns.append(Column(guess.header, feeds[0] if feeds else None, feeds[1:], is_joined, guess))
    return columns


def _standing_words(paper: Paper, mapping: ColumnMapping) -> list[str]:
    """The different words of the status column: of the first 300 rows, and those that were at fault before."""
    header = match(paper.sheet, mapping).header_of.get("standing")
    if header is None:
        return []
    found = (row.cells.get(header, "").strip() for row in islice(paper.sheet.rows(), _LOOKED_AT))
    return list(dict.fromkeys([*paper.unknown_words, *(word for word in found if word)]))[:_MOST_WORDS]


def _eras(paper: Paper, mapping: ColumnMapping) -> dict[str, ColumnEra]:
    """Whose years the columns of dates have, as the first 300 rows tell."""
    mapped = match(paper.sheet, mapping)
    return find_eras(islice(paper.sheet.rows(), _LOOKED_AT), mapped.header_of, {})


# --- what was chosen ----------------------------------------------------------------------------


def _typed(paper: Paper) -> tuple[ColumnMapping, Options, list[Text]]:
    form, faults = request.form, list[Text]()
    try:
        before = _parsed(form.get("before", "").encode(), paper.kind)
    except Refused:
        before = paper.mapping
    mapping, items, chosen = before, items_of(paper.kind), dict[str, str]()
    for at, column in enumerate(_columns(paper, before)):
        item = form.get(f"c.{at}", column.item or "")
        if item not in items:
            item = ""
        if item and (other := chosen.setdefault(item, column.header)) != column.header:
            name = items[item]
            faults.append(
                Text(
                    f"{name.th}: เลือกได้คอลัมน์เดียว ({other} หรือ {column.header})",
                    f"{name.en}: choose one column ({other} or {column.header})",
                )
            )
        elif item != (column.item or ""):
            mapping = assign(mapping, column.header, item or None)
    texts = {item: form.get(f"k.{item}", "").strip()[:_LONGEST] for item in items}
    constants = {item: text for item, text in texts.items() if text and item not in chosen}
    eras = {name: Era(said) for name in DATE_ITEMS if (said := form.get(f"e.{name}", "")) in {*Era}}
    mapping = replace(mapping, constants=constants, standings=_standings(before), eras=eras)
    if "number" not in {*mapping.columns, *mapping.joined, *constants}:
        faults.append(Text("เลือกคอลัมน์ที่เป็นเลขที่ใบอนุญาต", "Choose the column of the license number"))
    options, wrong = _options()
    return mapping, options, faults + wrong


def _standings(before: ColumnMapping) -> dict[str, Status]:
    standings = dict(before.standings)
    for at in range(_MOST_WORDS):
        word, said = squeeze(request.form.get(f"w.{at}", "")[:_LONGEST]), request.form.get(f"s.{at}", "")
        if word:
            standings.pop(word, None)
        if word and said in STANDINGS:
            standings[word] = STANDINGS[said]
    return standings


def _options() -> tuple[Options, list[Text]]:
    form = request.form
    try:
        until = parse_day(form["until"]) if form.get("until", "").strip() else None
        options = Options(
            Release(form.get("release", Release.GOOD_ROWS)),
            Missing(form.get("missing", Missing.ASK)),
            NameAlone(form.get("names", NameAlone.ASK)),
            form.get("legal_basis", "").strip()[:_LONGEST],
            form.get("reason") or None,
            until,
        )
    except DateFault as error:
        return Options(Release.GOOD_ROWS, Missing.ASK), [error.what]
    except ValueError:
        return Options(Release.GOOD_ROWS, Missing.ASK), [
            Text("เลือกเงื่อนไขจากรายการ", "Choose from the options")
        ]
    return options, []


def _page(paper: Paper, mapping: ColumnMapping, options: Options, faults: list[Text] | None = None) -> str:
    columns, items = _columns(paper, mapping), items_of(paper.kind)
    fed = {*match(paper.sheet, mapping).header_of, *mapping.joined}
    names = {status: name for name, status in STANDINGS.items()}
    words = [
        (word, names[mapping.standings[squeeze(word)]] if squeeze(word) in mapping.standings else "")
        for word in _standing_words(paper, mapping)
    ]
    with services().database.reading() as session:
        reasons = current_catalog(session).reasons
    context: dict[str, Any] = {
        "items": items,
        "unfed": {name: label for name, label in items.items() if name not in fed},
        "eras": _eras(paper, mapping),
        "lacking": [items[name] for name in _wanted(paper.kind) if name not in {*fed, *mapping.constants}],
        "words": words,
        "standing_names": STANDING_NAMES,
        "before": json.dumps(write_mapping(mapping), ensure_ascii=False),
        "reasons": reasons,
    }
    return render_template(
        "batch_columns.html",
        paper=paper,
        mapping=mapping,
        columns=columns,
        options=options,
        faults=faults or [],
        **context,
    )


def _wanted(kind: LicenseType) -> list[str]:
    """The items that most rows of this type are to have."""
    own = [f"field.{field.key}" for field in kind.fields if field.required]
    return [
        "number",
        "valid_from",
        *(["holder"] * kind.has_holder),
        *(["premises"] * kind.has_premises),
        *own,
    ]
