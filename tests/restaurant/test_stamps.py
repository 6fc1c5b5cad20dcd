"""The stamping service charges each POST and only the first PUT."""

from fastapi.testclient import TestClient

from workshop.restaurant import stamp_service


def test_a_post_is_charged_each_time_and_a_put_only_once():
    with TestClient(stamp_service()) as client:
        posts = [client.post("/stamps/A-1").json()["stamp"] for _ in range(2)]
        puts = [client.put("/stamps/A-2") for _ in range(2)]
        assert posts == client.get("/stamps/A-1").json() == ["A-1/1", "A-1/2"]
        assert [answer.status_code for answer in puts] == [201, 200]
        assert {answer.json()["stamp"] for answer in puts} == {"A-2/1"}
        assert client.get("/stamps/A-2").json() == ["A-2/1"]
        assert client.get("/stamps/A-3").json() == []


def test_each_service_keeps_its_own_account():
    with TestClient(stamp_service()) as one, TestClient(stamp_service()) as other:
        one.post("/stamps/A-1")
        assert other.get("/stamps/A-1").json() == []
