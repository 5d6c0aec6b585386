"""A file on its way to the API over a connection that may break."""

import io
from collections.abc import Callable

import pytest
from flask import Flask

from registry.intake.receiving import folder_of
from registry.models import Batch
from registry.web import create_app
from tests.registry.arriving import csv_of
from tests.registry.two_agencies import Founded
from tests.registry.web.conftest import ADDRESS
from tests.registry.web.test_api import ADDRESS_OF_BATCHES, Caller, count, key_of, problem

FORM = (
    b'--x\r\nContent-Disposition: form-data; name="type"\r\n\r\nhealth-hazard\r\n--x\r\n'
    b'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n%s\r\n--x--\r\n'
)


def of_form(content: bytes) -> bytes:
    return FORM % content


@pytest.mark.parametrize(
    ("address", "kind", "whole"),
    [(ADDRESS_OF_BATCHES, "text/csv", bytes), ("/api/batches", "multipart/form-data; boundary=x", of_form)],
)
def test_a_file_that_breaks_off_on_its_way_is_no_batch(
    app: Flask, register: Founded, address: str, kind: str, whole: Callable[[bytes], bytes]
):
    key, content = key_of(register, "prayoon"), whole(csv_of(3))
    # As a server gives a body whose connection broke: less than was announced, and then its end.
    environ = {"wsgi.input": io.BytesIO(content[:-70]), "wsgi.input_terminated": True}
    answer = app.test_client().post(
        address,
        base_url=ADDRESS,
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "once"},
        content_type=kind,
        environ_overrides={**environ, "CONTENT_LENGTH": str(len(content))},
    )
    assert answer.status_code == 422
    assert problem(answer) == ("cut-off" if kind == "text/csv" else "broken-form")
    assert count(register, Batch) == 0
    assert list(folder_of(register.services.config.data).iterdir()) == []


def test_what_a_request_says_that_no_database_can_keep_is_left_out(on_both: Founded):
    caller = Caller(create_app(on_both.services).test_client(), key_of(on_both, "prayoon"))
    answer = caller.post(f"{ADDRESS_OF_BATCHES}&legal_basis=%00".replace("=month", "=a%00b"), csv_of(1))
    assert answer.status_code == 202, answer.text
    with on_both.services.database.reading() as session:
        assert session.get_one(Batch, answer.json["id"]).source == "ab"
