"""Whether a kernel can be forked, by the command that starts it."""

import sys

import pytest

from nb2svc.validate.forking.command import why_not

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
LAUNCHED = ("-m", "ipykernel_launcher", "-f", "{connection_file}")


@pytest.mark.parametrize("options", [("-O",), ("-OO",), ("-sO",), ("-I", "-bOs")])
def test_assertions_that_are_left_out_are_seen_however_the_option_is_written(options: tuple[str, ...]):
    assert why_not(("/usr/bin/python3", *options, *LAUNCHED), {}) == "its kernel leaves out assertions"


@pytest.mark.parametrize("options", [(), ("-s",), ("-WOnce",), ("-sXOther",), ("--OK",)])
def test_other_options_leave_it_to_be_tried(options: tuple[str, ...]):
    # What is said to the launcher is none of Python's.
    assert why_not(("python3.11", *options, *LAUNCHED, "-Ofast"), {}) == ""


@pytest.mark.parametrize(
    ("command", "environment", "why"),
    [
        (("python3", *LAUNCHED), {"PYTHONOPTIMIZE": "1"}, "its kernel leaves out assertions"),
        (("python3", "-X", "dev", *LAUNCHED), {}, "its kernel's command is not understood"),
        (("python3", "-m"), {}, "its kernel is not started by ipykernel"),
        (("python3", "-c", "pass"), {}, "its kernel is not started by ipykernel"),
        (("python3", "-m", "xeus"), {}, "its kernel is not started by ipykernel"),
        (("conda", *LAUNCHED), {}, "its kernel is not started by ipykernel"),
    ],
)
def test_it_says_why(command: tuple[str, ...], environment: dict[str, str], why: str):
    assert why_not(command, environment) == why
