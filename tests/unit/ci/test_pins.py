"""What a requirements file asks for, beside what nb2svc and the notebook need."""

import pytest

from nb2svc.ci.pins import conflicts, own_needs, unnamed

NEEDS = ("click>=8.1", "Jinja2>=3.1", "bentoml>=1.4.39,<2", "pandas")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("click==7.1.2", (("click==7.1.2", "click>=8.1"),)),
        ("jinja2 == 2.11.2  # of Flask", (("jinja2==2.11.2", "Jinja2>=3.1"),)),
        ("bentoml==2.0.0", (("bentoml==2.0.0", "bentoml<2,>=1.4.39"),)),
        ("click==7.1.2 --hash=sha256:abc \\", (("click==7.1.2", "click>=8.1"),)),
        ("click==8.1.7", ()),
        ("click==7.*", ()),
        ("click<8", ()),
        ("pandas==1.5.3", ()),
        ('click==7.1.2; python_version < "3"', ()),
        ("-r other.txt", ()),
        ("# click==7.1.2", ()),
        ("https://example.org/click-7.1.2.whl", ()),
        ("", ()),
    ],
)
def test_what_can_not_be_installed_together(line, found):
    assert conflicts(line, NEEDS) == found


def test_what_nb2svc_needs():
    names = {need.partition(">")[0].partition("<")[0] for need in own_needs()}
    assert {"click", "jinja2", "papermill", "bentoml", "starlette"} <= names
    assert "hypothesis" not in names  # an extra that CI does not install
    assert conflicts("\n".join(own_needs()), own_needs()) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pandas\nScikit_Learn==1.7\n", ("seaborn",)),
        ("seaborn>=0.13\nscikit-learn\npandas\n", ()),
        ("", ("pandas", "seaborn", "sklearn")),
        ("-r base.txt\n", ()),
    ],
)
def test_modules_that_no_line_is_about(text, found):
    assert unnamed(text, ("pandas", "sklearn", "seaborn"), {"sklearn": ("scikit-learn",), "pandas": ("pandas",)}) == found
