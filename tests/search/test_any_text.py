"""Each text is a legal question: it gives a page, no error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.text import canonical
from search.document import number_parts
from search.normalize import _ALREADY_CANONICAL, clean, name_words
from search.sound import sound
from tests.search.indexes import Index
from tests.search.licenses import LICENSES, ask

THAI = st.text(st.characters(min_codepoint=0x0E00, max_codepoint=0x0E7F))
TYPED = st.text(st.sampled_from(list("ยิ้มสวยกาเแำํ์็ๆฯ๐๙ฤฦ abzZ019-/().,*\"'~#=^@!&%_\x00\u200b\u202e\u00a0é😀")))

HARD = [
    "ย",
    "ยิ้ม" * 125,
    "a" * 500,
    "1" * 500,
    "\u0e48" * 50,
    "\u0301\u0302",
    "*",
    "ยิ้ม*",
    '"',
    '"""',
    "''; DROP TABLE document; --",
    "NEAR(ยิ้ม สวย)",
    "ยิ้ม AND OR NOT",
    "tokens:ยิ้ม",
    "^ยิ้ม",
    "{a b}:c",
    "(((",
    "a\x00b",
    "\x00",
    "😀👩‍👩‍👧",
    "\u202eยิ้ม\u202c",
    "%_%",
    "\\",
    "~ยิม #1 =1 @abc !p77 &หัว",
    "\ud800",
    "ﷺ",
    "漢字かな",
    "İß",
    "१२३",
    "1e999",
]


@pytest.mark.parametrize("words", HARD, ids=range(len(HARD)))
def test_hard_texts_give_a_page(index: Index, words: str) -> None:
    page = ask(index, words)
    assert set(page.codes) <= {facts.code for facts in LICENSES}


@given(words=st.text() | THAI | TYPED)
def test_any_text_gives_a_page(index: Index, words: str) -> None:
    page = ask(index, words)
    assert page == ask(index, words)
    assert page.total == len(page.codes)


@pytest.mark.parametrize("sign", ["!p77", "~ยิม", "&หัว", "^ยิมสวย", "@ims"])
def test_our_own_signs_cannot_be_typed(index: Index, sign: str) -> None:
    """What is found by a sign and word is what is found by the word."""
    assert ask(index, sign).codes == ask(index, sign[1:]).codes


@given(text=THAI | TYPED)
def test_what_is_taken_for_canonical_is(text: str) -> None:
    if text == text.strip() and _ALREADY_CANONICAL.fullmatch(text):
        assert canonical(text) == text


@given(text=st.text() | THAI | TYPED)
def test_cleaned_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(text=st.text() | THAI | TYPED)
def test_terms_hold_no_blank_quote_or_sign(text: str) -> None:
    """So they can be put between quotes, and joined by blanks."""
    terms = "".join((*name_words(text), number_parts(text).replace(" ", "")))
    assert not set(terms) & set(" \t\n\"'~#=^@!&*\x00")
    assert sound(name_words(text)).isascii() or not name_words(text)
