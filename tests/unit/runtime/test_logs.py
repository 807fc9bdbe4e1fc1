"""What callers make up stays out of the logs; what helps an operator stays in."""

import logging

import pytest

from nb2svc_runtime.logs import is_known_path, keep_values_out

ACCESS = "scheme=http,method=POST,path={path},type={type},length=5"


@pytest.fixture
def logged(caplog):
    keep_values_out()
    keep_values_out()
    with caplog.at_level(logging.INFO):
        yield caplog


@pytest.mark.parametrize("name", ["bentoml._internal.server.http_app", "bentoml.serve", "uvicorn.error"])
def test_an_exception_is_logged_without_its_message(logged, name):
    try:
        int("Zaphod")
    except ValueError:
        logging.getLogger(name).exception("failed on %s", "Zaphod")
    assert "Zaphod" not in logged.text.replace('int("Zaphod")', "")
    assert "request failed: ValueError" in logged.text
    assert f'File "{__file__}"' in logged.text


def test_without_the_filter_it_would_be_there(logged):
    logging.getLogger("another").info("%s", ACCESS.format(path="/Zaphod", type="Zaphod"))
    assert "Zaphod" in logged.text


def test_the_access_log_names_known_addresses_and_types(logged):
    access = logging.getLogger("bentoml.access")
    access.info("%s (%s)", "127.0.0.1", ACCESS.format(path="/Zaphod", type="Zaphod/x"))
    access.info("%s (%s)", "127.0.0.1", ACCESS.format(path="/predict", type="application/json"))
    assert "Zaphod" not in logged.text
    assert "path=/predict,type=application/json" in logged.text


def test_known_addresses():
    assert all(map(is_known_path, ["/", "/predict", "/predict/", "/docs.json", "/static_content/swagger-ui-bundle.js"]))
    assert not any(map(is_known_path, ["/x", "/predict/7", "/static_content/../a.js", "/static_content/", "/docs.json?x"]))
