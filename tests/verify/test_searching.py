"""The results of a search: filters with counts, orders, what was meant, and a way on where nothing is found."""

import re
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

from keys.places import places
from tests.verify.site import Site, make_site
from verify.narrowing import PAGE_SIZE

SHOPS = (
    ("อู่ช่างพงษ์แผ้ว", 770701, date(2026, 1, 12)),
    ("อู่ช่างมานพ", 770702, date(2026, 2, 12)),
    ("อู่ช่างสมศรี", 770601, date(2026, 3, 12)),
    ("คลินิกทันตกรรมยิ้มสวย", 500108, date(2025, 6, 1)),
)
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Four places, two in one district, one whose license has ended."""
    site = make_site(tmp_path_factory.mktemp("site"))
    issued = [
        site.register.issue(
            premises=name,
            place=place,
            valid_from=begin,
            issued=begin,
            valid_until=date(begin.year + 1, begin.month, 11),
            holder={"name": f"นางสาวคนที่ {number}"},
        )
        for number, (name, place, begin) in enumerate(SHOPS)
    ]
    site.publish()
    site.feed(*issued)
    return site


def soup_of(site: Site, path: str) -> BeautifulSoup:
    """The parsed page at `path`."""
    answer = site.client.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def names(page: BeautifulSoup) -> list[str]:
    """The names of the results, in order."""
    return [link.get_text() for link in page.select(".hit a")]


def choices(page: BeautifulSoup, name: str) -> dict[str, str]:
    """What a filter offers, by value."""
    return {str(one["value"]): one.get_text() for one in page.select(f"select[name={name}] option")}


def test_filters_offer_what_was_found_with_its_count(shops: Site) -> None:
    page = soup_of(shops, "/?q=อู่ช่าง")
    assert choices(page, "district") == {"": "ทั้งหมด", "7706": "ปราณบุรี (1)", "7707": "หัวหิน (2)"}
    assert choices(page, "province") == {}  # All three are in one.
    page = soup_of(shops, "/?q=อู่ช่าง&district=7707")
    assert choices(page, "subdistrict") == {"": "ทั้งหมด", "770702": "หนองแก (1)", "770701": "หัวหิน (1)"}
    assert len(names(page)) == 2


def test_a_status_is_told_for_today(shops: Site) -> None:
    page = soup_of(shops, "/?province=50&province=50&status=EXPIRED")
    assert names(page) == ["คลินิกทันตกรรมยิ้มสวย"]
    assert names(soup_of(shops, "/?status=VALID&sort=newest")) == ["อู่ช่างสมศรี", "อู่ช่างมานพ", "อู่ช่างพงษ์แผ้ว"]


@pytest.mark.parametrize("words", ["อู่ช่าง", ""])
def test_results_come_in_the_order_asked_for(shops: Site, words: str) -> None:
    path = f"/?province=77&q={words}"
    assert names(soup_of(shops, f"{path}&sort=expiry")) == ["อู่ช่างพงษ์แผ้ว", "อู่ช่างมานพ", "อู่ช่างสมศรี"]
    assert names(soup_of(shops, f"{path}&sort=newest")) == ["อู่ช่างสมศรี", "อู่ช่างมานพ", "อู่ช่างพงษ์แผ้ว"]


def test_a_misspelt_name_is_found_and_told_as_it_is_spelled(shops: Site) -> None:
    page = soup_of(shops, "/?q=คลินิคทันตะกำยิมสวย")
    assert names(page) == ["คลินิกทันตกรรมยิ้มสวย"]
    assert page.find("a", string="คลินิกทันตกรรมยิ้มสวย", href=re.compile(r"^/\?q="))
    assert "หมายถึง" not in soup_of(shops, "/?q=คลินิกทันตกรรมยิ้มสวย").get_text()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/?q=ไม่มีร้านนี้แน่นอน", "สะกดแบบอื่น"),
        ("/?q=99/99999/2511", "เทียบเลขที่กับใบอนุญาต"),
        ("/?q=3-7707-00123-45-6", "เลขประจำตัวประชาชน"),
    ],
)
def test_where_nothing_is_found_the_page_says_what_to_try(shops: Site, path: str, says: str) -> None:
    page = soup_of(shops, path)
    assert names(page) == []
    assert says in page.get_text()
    assert "ไม่ได้แปลว่าผิดกฎหมาย" in page.get_text()


def test_each_filter_can_be_left_behind(shops: Site) -> None:
    page = soup_of(shops, "/?q=อู่ช่าง&province=50&status=VALID")
    assert names(page) == []
    ways = {link.get_text(): str(link["href"]) for link in page.select("section a[href^='/?']")}
    [without_province] = [path for text, path in ways.items() if "เชียงใหม่" in text]
    assert parse_qs(urlsplit(without_province).query) == {"q": ["อู่ช่าง"], "status": ["VALID"]}
    assert len(names(soup_of(shops, without_province))) == 3


def test_a_district_of_another_province_is_left_out(shops: Site) -> None:
    assert names(soup_of(shops, "/?province=77&district=5001&subdistrict=500108")) != []


@pytest.mark.parametrize("path", ["/?type=x", "/?district=-1", "/?status=NO", "/?q=a&sort=random"])
def test_an_address_of_nonsense_is_refused_kindly(shops: Site, path: str) -> None:
    assert shops.client.get(path).status_code == 400


def test_the_json_has_the_same_facets(shops: Site) -> None:
    value = shops.client.get("/?q=อู่ช่าง", headers=JSON).json
    assert value is not None
    assert value["facets"]["district"] == {"7706": 1, "7707": 2}
    assert value["facets"]["status"] == {"VALID": 3}


def test_a_full_page_of_results_with_every_filter_is_under_15_kb(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    provinces = [code for code in places() if len(str(code)) == 6][::97]
    issued = [site.register.issue(premises=f"ร้านที่มีชื่อยาวพอสมควร {place}", place=place) for place in provinces]
    site.publish()
    site.feed(*issued)
    for language in ("th", "en"):
        page = site.client.get(f"/?q=ร้านที่มีชื่อ&lang={language}")
        assert page.text.count("<article") == PAGE_SIZE
        assert page.text.count("<option") > 30
        assert len(page.data) + sum(len(k) + len(v) + 4 for k, v in page.headers) < 15_000
