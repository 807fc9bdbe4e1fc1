"""What comes out of each example, to the letter: a change here is a change of the product, and is reviewed as one.

`pytest tests/functional/test_golden.py --update-golden` writes the new text; nothing else ever does.
"""

from pathlib import Path

import pytest

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
EXAMPLES = ("credit_risk", "diabetes_progression", "digits", "messy_car_price", "breast_cancer_screening")
MODULES = ("features.py", "model.py", "training.py", "schema.py", "service.py")


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("example", EXAMPLES)
def test_a_generated_module_is_the_golden_one(example: str, module: str, built, request: pytest.FixtureRequest) -> None:
    text = (built(example).project / example / module).read_text(encoding="utf-8")
    # The model's version is a digest of artifacts, which differ between processors in the last bit.
    text = text.replace(_version(built(example).project / example), "VERSION")
    golden = GOLDEN / example / f"{module}.txt"
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == text


def _version(package: Path) -> str:
    import hashlib

    return hashlib.sha256((package / "artifacts" / "manifest.json").read_bytes()).hexdigest()[:12]
