"""The stamping service charges each POST and only the first PUT."""

from collections.abc import Iterator

import pytest
import requests

from workshop import serve
from workshop.restaurant import stamp_service


@pytest.fixture
def stamps() -> Iterator[str]:
    with serve(stamp_service(), name="timbres") as service:
        yield f"{service.url}/stamps"


def test_a_post_is_charged_each_time_and_a_put_only_once(stamps):
    posts = [requests.post(f"{stamps}/A-1").json()["stamp"] for _ in range(2)]
    puts = [requests.put(f"{stamps}/A-2") for _ in range(2)]
    assert posts == requests.get(f"{stamps}/A-1").json() == ["A-1/1", "A-1/2"]
    assert [answer.status_code for answer in puts] == [201, 200]
    assert {answer.json()["stamp"] for answer in puts} == {"A-2/1"}
    assert requests.get(f"{stamps}/A-2").json() == ["A-2/1"]


def test_a_folio_that_nobody_stamped_has_no_stamps(stamps):
    requests.post(f"{stamps}/A-1")
    assert requests.get(f"{stamps}/A-3").json() == []


def test_a_served_service_starts_its_account_anew(stamps):
    requests.post(f"{stamps}/A-1")
    serve(stamp_service(), name="timbres")
    assert requests.get(f"{stamps}/A-1").json() == []
