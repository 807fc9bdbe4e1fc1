"""The scanner: made-up tokens are found and never shown, innocents are left alone. No literal here looks like a secret."""

import json

import pytest

from nb2svc.readiness.assess import assess
from nb2svc.readiness.checks.secret_patterns import TOKENS
from nb2svc.readiness.checks.secrets import ScannedText, Texts, entropy, find_secrets, judge_texts
from nb2svc.readiness.evaluators import EVALUATORS
from nb2svc.readiness.evidence.texts import observe_texts
from unit.readiness.worlds import make_notebook

LETTERS = "aB3dE5fG7hJ9kL2mN4pQ6rS8tU0vW1xYz"
UPPER = "ABCDEFGHJKLMNPQ234567"
HEX = "0123456789abcdef" * 8


def of(length: int, alphabet: str = LETTERS) -> str:
    """That many characters, mixed, the same each time."""
    return "".join(alphabet[(place * 7 + place // 5) % len(alphabet)] for place in range(length))


PEM = "-----BEGIN " + "RSA PRIVATE " + "KEY-----\n" + of(64) + "\n-----END " + "RSA PRIVATE KEY-----"
TOKEN_TEXTS = {
    "an AWS access key id": "AKIA" + of(16, UPPER),
    "a GitHub token": "gh" + "p_" + of(36),
    "a GitHub fine-grained token": "github_" + "pat_" + of(82),
    "a GitLab token": "gl" + "pat-" + of(20),
    "a Slack token": "xox" + "b-" + of(40),
    "a Stripe key": "sk_" + "live_" + of(24),
    "a Google API key": "AI" + "za" + of(35),
    "a Google OAuth token": "ya" + "29." + of(60),
    "a Google OAuth client secret": "GOC" + "SPX-" + of(28),
    "an Anthropic key": "sk-" + "ant-api03-" + of(80),
    "an OpenAI key": "sk-" + "proj-" + of(40) + "T3Blb" + "kFJ" + of(40),
    "an OpenAI-style key": "sk-" + of(48),
    "a Hugging Face token": "h" + "f_" + of(34),
    "a Kaggle token": "KG" + "AT_" + of(32, HEX[:16]),
    "a Kaggle key": '{"user' + 'name":"ann","k' + 'ey":"' + of(32, HEX[:16]) + '"}',
    "a PyPI token": "pypi-" + "AgE" + of(80),
    "an npm token": "np" + "m_" + of(36),
    "a SendGrid key": "SG" + "." + of(22) + "." + of(43),
    "a Twilio key": "S" + "K" + of(32, HEX[:16]),
    "a Databricks token": "da" + "pi" + of(32, HEX[:16]),
    "a DigitalOcean token": "do" + "p_v1_" + of(64, HEX[:16]),
    "a JSON web token": "ey" + "J" + of(20) + ".ey" + "J" + of(40) + "." + of(40),
    "a Slack webhook": "https://hooks.slack" + ".com/services/T" + of(8, UPPER) + "/B" + of(8, UPPER) + "/" + of(24),
    "an Azure account key": "Account" + "Key=" + of(86) + "==",
    "a private key": PEM,
}
PASSWORD = "hun" + "ter" + "2x"
ASSIGNMENTS = {
    "password = %r": PASSWORD,
    "db_password: str = %r": PASSWORD,
    "connect(user='ann', passwd=%r)": PASSWORD,
    'os.environ["DB_PASSWORD"] = %r': PASSWORD,
    "{'pwd': %r}": PASSWORD,
    "API_KEY = %r": of(24),
    "auth_token=%r": of(20),
    "client_secret = f%r": of(32),
    "SECRET_KEY = r%r": of(32),
    "credentials = %r": of(24),
    '"private_key": %r': of(40),
    "!export DB_PASSWORD=%s": PASSWORD,
    "%%env HF_TOKEN=%s": of(24),
    "API_TOKEN=%s": of(24),
    "sqlalchemy.create_engine('postgresql://ann:%s@db.internal/loans')": PASSWORD,
}
INNOCENTS = (
    "password = getpass()",
    'password = os.environ["DB_PASSWORD"]',
    'api_key = os.getenv("API_KEY")',
    'api_key_env = "MY_SERVICE_API_KEY"',
    'token = "<your token here>"',
    'API_KEY = "YOUR_API_KEY_12345678"',
    'password = "changeme1"',
    'password = "********"',
    'secret = "${SECRET_FROM_VAULT_1}"',
    'password = ""',
    "password = None",
    'TfidfVectorizer(token_pattern=r"(?u)\\b[A-Za-z0-9]{2,}\\b")',
    'tokenizer = AutoTokenizer.from_pretrained("bert-base-uncased-2018-v1")',
    'max_tokens: "4096 tokens at most 12345678"',
    'pad_token = "[PAD]"',
    'password_column = "pw_hash_sha256_v2"',
    'loans["password_changed_days_ago_30d"] = 1',
    'key = "applicant_id"',
    'access_key = "applicant_id"',
    '"authorship_tag": "ABX9TyP1x2y3z4A5b6C7d8E9f0"',
    '{"model.skops": "' + HEX[:64] + '"}',
    f'sha256 = "{HEX[:64]}"',
    'id="cell-7fb27b941602401d91542211134fc71a"',
    'url = "https://user@example.org/loans.csv"',
    'url = "postgresql://localhost/loans"',
    '"https://user:password@example.org/"',
    "https://example.org/a:b/@c",
    'secret_file = "/run/secrets/token_1234567890"',
    'token = "/run/secrets/hub_token_1234567"',
    "if password == 'hunter2x': pass",
    "TOKEN=settings.hub_token_v2",
    "SECRET=load_secret_from_vault_2",
    "task-" + of(48),
    "risk-" + of(48),
    "AKIAIOSFODNN7EXAMPLE",
    "PASSWORD_MIN_LENGTH = '12345678'",
    "ssk_" + "a" * 40,
)


def scan(text: str):
    return find_secrets(ScannedText(where="cell 1", text=text))


@pytest.mark.parametrize("kind", TOKEN_TEXTS)
def test_a_token_of_a_known_form_is_found(kind) -> None:
    assert kind in [found.kind for found in scan(f"first line\nclient = Client({TOKEN_TEXTS[kind]!r})")]


def test_every_pattern_has_its_example() -> None:
    assert {pattern.kind for pattern in TOKENS} == set(TOKEN_TEXTS)


@pytest.mark.parametrize("kind", TOKEN_TEXTS)
def test_the_beginning_of_a_token_is_none(kind) -> None:
    pattern = next(pattern for pattern in TOKENS if pattern.kind == kind)
    assert pattern.pattern.search(TOKEN_TEXTS[kind])
    assert not pattern.pattern.search(TOKEN_TEXTS[kind][: len(TOKEN_TEXTS[kind]) // 3])


@pytest.mark.parametrize("form", ASSIGNMENTS)
def test_a_literal_assigned_to_a_telling_name_is_found(form) -> None:
    found = scan(f"import os\n{form % ASSIGNMENTS[form]}")
    assert [(secret.line, secret.where) for secret in found] == [(2, "cell 1")], form


@pytest.mark.parametrize("text", INNOCENTS)
def test_an_innocent_is_left_alone(text) -> None:
    assert scan(text) == ()


def test_a_secret_in_json_text_is_found_behind_its_escapes() -> None:
    text = json.dumps({"source": f'password = "{PASSWORD}"'})
    assert [found.kind for found in scan(text)] == ['a literal assigned to "password"']


def test_the_whole_name_is_said() -> None:
    assert [found.kind for found in scan(f'warehouse_db_password_prod = "{PASSWORD}"')] == [
        'a literal assigned to "warehouse_db_password_prod"'
    ]


@pytest.mark.parametrize("text", [*TOKEN_TEXTS.values(), f'password = "{PASSWORD}"'])
def test_no_report_shows_the_secret(text) -> None:
    outcome = judge_texts(Texts(texts=(ScannedText(where="cell 4", text=f"x = 1\n{text}"),)))
    assert outcome.status == "fail"
    told = repr(outcome)
    # Behind the issuer's prefix no eight characters in a row may show.
    assert [text[start : start + 8] for start in range(12, len(text) - 8) if text[start : start + 8] in told] == []
    assert PASSWORD not in told


def test_the_sentence_says_how_many_and_where() -> None:
    texts = (ScannedText(where="cell 4", text=f'password = "{PASSWORD}"'), ScannedText(where="the output of cell 2", text=of(3)))
    outcome = judge_texts(Texts(texts=texts))
    assert outcome.sentence == '1 secret found: a literal assigned to "password" in cell 4, line 1.'
    assert outcome.next_action == "Revoke it, then take it out of cell 4 and read it from the environment."


def test_a_pass_says_how_much_was_read() -> None:
    outcome = judge_texts(Texts(texts=(ScannedText(where="cell 1", text="x = 1"),), skipped=2))
    assert outcome.sentence == (
        "No secret in 1 text of the notebook (source, outputs, metadata) and the project; 2 binary files left out."
    )


def test_nothing_read_is_not_a_pass() -> None:
    assert judge_texts(Texts(texts=())).status == "not_evaluated"
    assert "no file" in judge_texts(Texts(texts=(), problem="no file")).sentence


def test_long_blobs_take_no_time() -> None:
    """Outputs hold megabytes of base64: every pattern has to stay linear."""
    blob = of(400_000) + "token" * 20_000 + "=" * 50_000 + "eyJ" * 30_000
    assert scan(blob) == ()


def gov_03(inputs):
    checklist = assess(inputs, [evaluator for evaluator in EVALUATORS if evaluator.id == "GOV-03"])
    return next(item for item in checklist.items if item.id == "GOV-03")


@pytest.mark.parametrize(
    ("made", "where"),
    [
        ({"cells": ("x = 1", f'password = "{PASSWORD}"')}, "cell 2, line 1"),
        ({"outputs": (f"logged in with {TOKEN_TEXTS['a GitHub token']}\n",)}, "the output of cell 1, line 1"),
        ({"metadata": {"api_key": of(30)}}, "the notebook's metadata, line"),
    ],
)
def test_a_secret_anywhere_in_the_notebook_fails_the_item(world, made, where) -> None:
    item = gov_03(world.but(notebook=make_notebook(world.root, **made)))
    assert item.status == "fail"
    assert where in item.sentence
    assert item.evidence.control.fired


def test_a_secret_in_the_generated_tree_fails_the_item(world) -> None:
    (world.inputs.package_dir / "config.py").write_text(f'API_KEY = "{of(30)}"\n')
    item = gov_03(world.inputs)
    assert item.status == "fail"
    assert "the project's loans/config.py, line 1" in item.sentence


def test_a_secret_inside_the_model_file_is_found(world) -> None:
    import zipfile

    with zipfile.ZipFile(world.inputs.package_dir / "artifacts" / "model.skops", "a") as archive:
        archive.writestr("more.json", json.dumps({"password": PASSWORD}))
    assert "artifacts/model.skops (more.json), line 1" in gov_03(world.inputs).sentence


def test_the_checklist_of_the_last_build_is_not_scanned(world) -> None:
    before = observe_texts(world.inputs)
    (world.inputs.project_dir / "READINESS.md").write_text("old")
    (world.inputs.project_dir / "readiness.json").write_text("{}")
    assert observe_texts(world.inputs) == before


def test_a_notebook_that_changed_during_the_build_is_not_evaluated(world) -> None:
    path = world.root / "loans.ipynb"
    path.write_text(path.read_text() + "\n")
    item = gov_03(world.inputs)
    assert item.status == "not_evaluated"
    assert "loans.ipynb was changed while it was built" in item.sentence


def test_a_notebook_that_is_gone_is_not_evaluated(world) -> None:
    (world.root / "loans.ipynb").unlink()
    assert gov_03(world.inputs).status == "not_evaluated"


def test_a_script_is_scanned_as_one_text(world) -> None:
    from nb2svc.readiness.evidence.texts import _document, _notebook

    texts = list(_notebook(_document(b"# %%\nx = 1\n")))
    assert texts[0].text == "# %%\nx = 1\n"


def test_entropy_is_bits_a_character() -> None:
    assert (entropy("aaaa"), entropy("abcd")) == (0.0, 2.0)
