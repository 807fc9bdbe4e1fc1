"""The real service over HTTP: the example works, nothing that a client sends breaks it, no caller's value reaches a log."""

import gzip
import json
import re
import socket
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "fixtures"))

from loans_project import build_loans

from nb2svc.bento.build import build_bento
from nb2svc.bento.serve import running
from nb2svc.errors import EnvironmentProblem

pytestmark = pytest.mark.server
JSON = {"Content-Type": "application/json"}
SECRET = "Zaphod-4711"


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body, parse_constant=pytest.fail)


def call(url, body=None, headers=None, method=None):
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return Reply(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Reply(error.code, error.headers, error.read())


@pytest.fixture(scope="module")
def loans(tmp_path_factory):
    return build_loans(tmp_path_factory.mktemp("loans"), applicants=300)


@pytest.fixture(scope="module")
def server(loans):
    with running(loans.project_dir) as served:
        yield served


@pytest.fixture(scope="module")
def example(loans):
    return json.loads((loans.project_dir / "example.json").read_text())


@pytest.fixture
def predict(server):
    def send(body, headers=JSON):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return call(f"{server.url}/predict", content, headers)

    return send


def test_the_example_is_answered(predict, example):
    reply = predict(example)
    assert reply.status == 200
    assert reply.json["model"]["name"] == "loans"
    assert [result["status"] for result in reply.json["results"]] == ["ok", "ok"]


def test_the_notebooks_own_answers_come_over_http(predict, loans):
    applicants, transactions = loans.tables["applicants"], loans.tables["transactions"]
    rows = []
    for row in applicants.iloc[loans.predict_rows].to_dict("records"):
        own = transactions[transactions["applicant_id"] == row["applicant_id"]]
        children = [{"when": when.isoformat(), "amount": amount} for when, amount in zip(own["when"], own["amount"], strict=True)]
        income = None if row["income"] != row["income"] else row["income"]
        rows.append(
            {"id": row["applicant_id"], "age": row["age"], "income": income, "region": row["region"], "transactions": children}
        )
    results = predict({"rows": rows}).json["results"]
    assert [result["prediction"] for result in results] == loans.output
    assert [result["id"] for result in results] == [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b'{"rows": [', JSON, 400, "bad_json"),
        (b"", JSON, 400, "bad_json"),
        (b"\xff\xfe{}", JSON, 400, "bad_utf8"),
        (b'{"rows": [{"age": NaN}]}', JSON, 400, "bad_json"),
        (b'{"rows": [{"age": 1, "age": 2}]}', JSON, 400, "duplicate_field"),
        (b"[" * 200_000, JSON, 400, "too_deep"),
        (b'{"rows": [' + b'{"a":' * 60 + b"1" + b"}" * 60 + b"]}", JSON, 400, "too_deep"),
        (b"[]", JSON, 422, "wrong_form"),
        (b'[{"age": 31}]', JSON, 422, "wrong_form"),
        (b"null", JSON, 422, "wrong_form"),
        (b"{}", JSON, 422, "missing_field"),
        (b'{"rows": []}', JSON, 422, "no_rows"),
        (b'{"rows": {}}', JSON, 422, "wrong_type"),
        (b'{"rows": [{}], "extra": 1}', JSON, 422, "unknown_field"),
        (b'{"rows": [' + b"{}," * 1000 + b"{}]}", JSON, 422, "too_many_rows"),
        (b" " * 10_000_001, JSON, 413, "too_large"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "not_json"),
        (b"{}", {"Content-Type": ""}, 415, "not_json"),
        (b"rows=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "not_json"),
        (b"--x", {"Content-Type": "multipart/form-data; boundary=x"}, 415, "not_json"),
        (b"x", {"Content-Type": "application/vnd.bentoml+pickle"}, 415, "not_json"),
        (b"{}", {"Content-Type": "application/json; charset=latin-1"}, 415, "not_json"),
        (gzip.compress(b"{}", mtime=0), {**JSON, "Content-Encoding": "gzip"}, 415, "compressed"),
    ],
)
def test_a_bad_request_is_refused_in_the_one_form(predict, body, headers, status, code):
    reply = predict(body, headers)
    assert reply.status == status
    assert set(reply.json) == {"request_id", "error", "issues"}
    assert reply.json["error"]["code"] == code
    assert [issue["code"] for issue in reply.json["issues"]] == [code]
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["X-Request-ID"] == reply.json["request_id"]


def test_a_body_without_a_length_is_measured_as_it_comes(server):
    def chunks():
        for _ in range(11):
            yield b" " * 1_000_000

    reply = call(f"{server.url}/predict", chunks(), {**JSON, "Transfer-Encoding": "chunked"})
    assert (reply.status, reply.json["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/predict", 405),
        ("PUT", "/predict", 405),
        ("DELETE", "/predict", 405),
        ("OPTIONS", "/predict", 405),
        ("BREW", "/predict", 405),
        ("GET", "/nope", 404),
        ("POST", "/nope", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/%ff%fe", 404),
        ("GET", "/static_content/../app.py", 404),
    ],
)
def test_a_wrong_address_or_method_has_the_one_form(server, method, path, status):
    reply = call(server.url + path, b"" if method in ("PUT", "POST") else None, method=method)
    assert reply.status == status
    assert set(reply.json) == {"request_id", "error", "issues"}


def test_head_has_no_body(server):
    reply = call(f"{server.url}/predict", method="HEAD")
    assert (reply.status, reply.body) == (405, b"")


def test_one_bad_row_never_fails_its_batch(predict, example):
    good = example["rows"][0]
    expected = predict({"rows": [good]}).json["results"][0]["prediction"]
    bad = [{}, {**good, "age": "31"}, {**good, "region": "\ud800"}, {**good, "region": "west"}, 7, None, {**good, "agee": 1}]
    for row in bad:
        results = predict({"rows": [good, row, good]}).json["results"]
        assert [results[0]["prediction"], results[2]["prediction"]] == [expected, expected]
        assert results[1]["issues"]


@pytest.mark.parametrize("number", ["9" * 5_000, "-" + "9" * 5_000, "9" * 300, "1e999", "-1e999", "1e-999", "9" * 25])
@pytest.mark.parametrize("field", ["age", "income", "other"])
def test_monstrous_numbers_are_the_rows_own_fault(predict, field, number):
    body = '{"rows": [{"age": 31, "income": 2000, "region": "north", "FIELD": NUMBER}]}'.replace('"other"', "")
    body = re.sub(rf'"{field}": \w+, ', "", body).replace("FIELD", field).replace("NUMBER", number)
    reply = predict(body.encode())
    assert reply.status == 200
    assert reply.json["results"][0]["status"] in ("ok", "refer", "invalid")


def test_a_request_id_is_echoed_where_it_is_sane(predict, example):
    assert predict(example, {**JSON, "X-Request-ID": "order-17"}).json["request_id"] == "order-17"
    for odd in ("x" * 200, "a b", "<script>"):
        assert predict(example, {**JSON, "X-Request-ID": odd}).json["request_id"] != odd


def test_requests_at_once_do_not_mix(predict, example):
    rows = [dict(example["rows"][0], age=age) for age in range(20, 60)]
    alone = [predict({"rows": [row]}).json["results"][0]["prediction"] for row in rows]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda row: predict({"rows": [row]}).json["results"][0]["prediction"], rows))
    assert together == alone


def test_a_connection_cut_in_the_middle_harms_nobody(server, predict, example):
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{")
    assert predict(example).status == 200


def test_the_document_is_valid_openapi_and_its_example_fits_it(server):
    import jsonschema
    from openapi_spec_validator import validate

    document = call(f"{server.url}/docs.json").json
    assert document["openapi"] == "3.1.0"
    validate(document)
    operation = document["paths"]["/predict"]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    checker = jsonschema.Draft202012Validator({**content["schema"], "components": document["components"]})
    checker.validate(content["example"])
    reply = call(f"{server.url}/predict", json.dumps(content["example"]).encode(), JSON).json
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator({**answer, "components": document["components"]}).validate(reply)
    refused = call(f"{server.url}/predict", b"[]", JSON).json
    error = operation["responses"]["422"]["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator({**error, "components": document["components"]}).validate(refused)
    row = document["components"]["schemas"]["Applicant"]
    assert row["required"] == ["age", "region"]
    assert set(row["properties"]) == {"age", "income", "region", "transactions", "id"}


def test_the_page_loads_nothing_from_elsewhere(server):
    page = call(f"{server.url}/")
    text = page.body.decode()
    assert page.headers["Content-Type"].startswith("text/html")
    assert "<h1>loans</h1>" in text
    assert '<html lang="en">' in text
    links = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert links
    assert all(link.startswith(("./", "#")) for link in links)
    assert "http" not in text.replace("http-equiv", "")
    for link in links:
        if link.startswith("./"):
            assert call(f"{server.url}/{link[2:]}").status == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_health_and_metrics_are_bentomls_own(server, predict, example):
    predict(example)
    assert [call(server.url + path).status for path in ("/livez", "/readyz")] == [200, 200]
    assert "bentoml_service_request" in call(f"{server.url}/metrics").body.decode()


def test_no_value_of_a_caller_reaches_a_log_or_a_metric(server, predict, example):
    good = example["rows"][0]
    for row in ({**good, "region": SECRET}, {**good, "age": SECRET}, {SECRET: 1}, SECRET, {**good, "id": SECRET}):
        assert predict({"rows": [row]}).status == 200
    predict(json.dumps({"rows": [SECRET], SECRET: 1}).encode())
    predict(f'{{"rows": ["{SECRET}"'.encode())
    predict(SECRET.encode(), {"Content-Type": SECRET})
    predict(example, {**JSON, "X-Request-ID": SECRET, "X-Other": SECRET})
    call(f"{server.url}/{SECRET}")
    call(f"{server.url}/predict?name={SECRET}", json.dumps(example).encode(), JSON)
    call(f"{server.url}/predict/{SECRET}", b"{}", JSON)
    call(f"{server.url}/predict", method=SECRET.replace("-", ""))
    log = server.log.read_text()
    assert "/predict" in log
    assert SECRET not in log
    assert SECRET.replace("-", "") not in log
    assert "Traceback" not in log
    assert SECRET not in call(f"{server.url}/metrics").body.decode()


def test_a_bento_serves_the_same(loans, example, predict, tmp_path, monkeypatch):
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "store"))
    bento = build_bento(loans.project_dir)
    assert not bento.existed
    assert build_bento(loans.project_dir).existed
    here = predict(example).json
    with running(bento.tag) as other:
        there = call(f"{other.url}/predict", json.dumps(example).encode(), JSON).json
    assert (there["results"], there["model"]) == (here["results"], here["model"])


def test_a_changed_artifact_keeps_the_service_from_starting(loans, tmp_path):
    import shutil

    project = tmp_path / "loans"
    shutil.copytree(loans.project_dir, project)
    with (project / "loans" / "artifacts" / "model.skops").open("ab") as model:
        model.write(b"x")
    with pytest.raises(EnvironmentProblem, match="did not start") as caught, running(project):
        pytest.fail("it started")
    assert "was changed after the build" in caught.value.details
