"""The plan of the demonstration: pure, repeatable, and within what its types allow."""

import csv
import io
import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from keys.acts import ActKind
from keys.catalog import encode_json, write_type
from keys.dates import BANGKOK, bangkok_date
from keys.places import places
from registry.applications import is_natural_person, is_thirteen_digit_number, number_key, validate
from registry.demo import Calendar, make_plan
from registry.demo.agencies import AGENCIES, REASONS
from registry.demo.license_types import FACTORY, JURISTIC, license_types
from registry.demo.officers import OFFICERS, SHOWN
from registry.demo.people import with_check_digit
from registry.demo.plan import REFERENCE
from registry.demo.words import PROVINCE_LETTERS, ROADS
from registry.permissions import Role

REAL = Path(__file__).resolve().parents[4] / "shared" / "data"
AWKWARD = (
    datetime(2026, 1, 1, 0, 0, tzinfo=BANGKOK),
    datetime(2026, 1, 4, 0, 30, tzinfo=BANGKOK),
    datetime(2028, 2, 29, 12, 0, tzinfo=BANGKOK),
    datetime(2028, 12, 31, 23, 59, tzinfo=BANGKOK),
    datetime(2026, 11, 22, 3, 0, tzinfo=UTC),
)
TODAY = Calendar.of(AWKWARD[-1])


def test_the_same_seed_day_and_number_give_the_same_plan() -> None:
    assert make_plan(2569, TODAY, 400) == make_plan(2569, TODAY, 400)


def test_another_seed_gives_other_holders() -> None:
    holders = [{one.texts["holder"] for one in make_plan(seed, TODAY, 400)} for seed in (1, 2)]
    assert len(holders[0] & holders[1]) < 40


def test_the_hour_of_the_day_changes_nothing() -> None:
    assert Calendar.of(datetime(2026, 5, 5, 1, tzinfo=BANGKOK)) == Calendar.of(
        datetime(2026, 5, 5, 22, tzinfo=BANGKOK)
    )


@pytest.mark.parametrize("as_of", AWKWARD, ids=str)
def test_nothing_happens_before_the_agency_joined_or_after_as_of(as_of: datetime) -> None:
    calendar = Calendar.of(as_of)
    assert calendar.founded.year == as_of.astimezone(BANGKOK).year - 1
    joined = {one.number: calendar.joined(one.joins) for one in AGENCIES}
    for one in make_plan(2569, calendar, 2000):
        moments = [one.entered, *(deed.at for deed in one.deeds)]
        assert joined[one.agency] < moments[0]
        assert moments == sorted(moments)
        assert moments[-1] < as_of


@pytest.mark.parametrize("as_of", AWKWARD, ids=str)
def test_every_planned_license_is_a_valid_application(as_of: datetime) -> None:
    agencies = {one.number: one.for_catalog(date(2025, 1, 1)) for one in AGENCIES}
    for one in make_plan(7, Calendar.of(as_of), 1000):
        texts = {name: text for name, text in one.texts.items() if not text.startswith(REFERENCE)}
        validate(
            texts, license_types()[one.license_type], agencies[one.agency], today=bangkok_date(one.entered)
        )


def test_no_two_licenses_of_an_agency_and_type_share_a_number() -> None:
    numbers = Counter(
        (one.agency, one.license_type, number_key(one.texts["number"]))
        for one in make_plan(2569, TODAY, 5000)
    )
    assert set(numbers.values()) == {1}


def test_every_thirteen_digit_number_checks() -> None:
    numbers = {one.texts["holder_id"] for one in make_plan(2569, TODAY, 2000)}
    assert all(is_thirteen_digit_number(number) for number in numbers)
    assert {is_natural_person(number) for number in numbers} == {True, False}


def test_the_check_digit_is_the_one_of_the_interior_ministry() -> None:
    assert is_thirteen_digit_number(with_check_digit("010555800494"))
    assert with_check_digit("010555800494") == "0105558004940"


def test_there_are_types_of_every_kind() -> None:
    kinds = license_types().values()
    assert len(kinds) >= 10
    assert any(not kind.has_card for kind in kinds)
    assert any(not kind.openly_displayed for kind in kinds)
    assert {kind.term_rule for kind in kinds} >= {"none", "years", "year_end"}
    assert len({kind.kind.th for kind in kinds}) >= 3
    assert {own.mark for kind in kinds for own in kind.fields} == {"public", "withheld", "officers"}
    assert any("issuance" in kind.four_eyes for kind in kinds)


@pytest.mark.parametrize("number", sorted(license_types()))
def test_a_type_is_as_its_file_says(number: int) -> None:
    kind = license_types()[number]
    assert json.loads(encode_json(write_type(kind)))["id"] == number
    assert re.fullmatch(kind.number_pattern, kind.number_example)
    acts = {act.name.lower() for act in ActKind if act < ActKind.ERASURE}
    assert set(kind.four_eyes) <= acts
    orders = [own.order for own in kind.fields]
    assert len(set(orders)) == len(orders)
    assert all(
        set(kind.schema["properties"][own.key].get("enum", ())) == set(own.choices) for own in kind.fields
    )
    assert set(kind.schema["required"]) <= {own.key for own in kind.fields}


def test_every_type_is_issued_by_an_agency_and_every_agency_has_two_persons() -> None:
    assert {number for one in AGENCIES for number in one.types} == set(license_types())
    for one in AGENCIES:
        roles = {officer.role for officer in OFFICERS if officer.agency == one.number}
        assert {Role.ISSUER, Role.APPROVER} <= roles
        assert all(place in places() for place in (*one.places, *one.territory))
        assert all(place in ROADS and place // 100 in PROVINCE_LETTERS for place in one.places)
    assert set(SHOWN) <= {officer.login for officer in OFFICERS}


def test_every_reason_that_an_order_gives_has_its_words() -> None:
    reasons = {
        deed.texts["reason"]
        for one in make_plan(2569, TODAY, 2000)
        for deed in one.deeds
        if "reason" in deed.texts
    }
    assert reasons
    assert reasons <= set(REASONS)


def test_a_suspension_under_the_public_health_act_lasts_15_days_at_most() -> None:
    for one in make_plan(2569, TODAY, 200):
        for deed in one.deeds:
            if deed.act is ActKind.SUSPENSION:
                begins = date.fromisoformat(deed.texts.get("begins") or bangkok_date(deed.at).isoformat())
                assert date.fromisoformat(deed.texts["until"]) - begins < timedelta(days=15)


def test_real_factory_numbers_fit_the_factory_type() -> None:
    path = REAL / "factories" / "prachinburi.geojson"
    if not path.exists():
        pytest.skip("the real factories are not beside the checkout")
    kind = license_types()[FACTORY]
    rows = [feature["properties"] for feature in json.loads(path.read_text("utf-8"))["features"]]
    assert len(rows) > 400
    assert not [row["เลขทะเบียน"] for row in rows if not re.fullmatch(kind.number_pattern, row["เลขทะเบียน"])]
    horsepower = kind.schema["properties"]["horsepower"]["pattern"]
    assert all(re.search(horsepower, str(row["แรงม้า"])) for row in rows)
    assert {row["จำพวก"] for row in rows} <= set(kind.schema["properties"]["class"]["enum"])


def test_real_company_numbers_fit_the_juristic_person_type() -> None:
    path = REAL / "dbd" / "99_201501.csv"
    if not path.exists():
        pytest.skip("the real company registrations are not beside the checkout")
    kind = license_types()[JURISTIC]
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("cp874"))))[3:]
    assert len(rows) > 5000
    assert not [row[1] for row in rows if not re.fullmatch(kind.number_pattern, row[1])]
