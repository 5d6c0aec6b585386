"""Places by their codes, their former names, and addresses that name them already."""

from keys.places import former_places, places, show_address


def test_a_former_place_has_a_code_of_today_and_no_name_of_today():
    today = {
        (places()[code // 10000].thai, places()[code // 100].thai, place.thai)
        for code, place in places().items()
        if code > 9999
    }
    for names, code in former_places().items():
        assert code in places()
        assert names not in today


def test_a_place_is_not_said_twice():
    address = "719 ถนนพระราม 9 แขวงบางกะปิ เขตห้วยขวาง กรุงเทพมหานคร 10310"
    assert show_address(address, 101702) == address
    assert show_address(address, 101702, "en") == f"{address} Bang Kapi, Huai Khwang, Bangkok"
    assert show_address("719 ถนนพระราม 9", 101702) == "719 ถนนพระราม 9 แขวงบางกะปิ เขตห้วยขวาง กรุงเทพมหานคร"
    assert show_address(None, 10) == "กรุงเทพมหานคร"
    assert show_address("719", None) == "719"
