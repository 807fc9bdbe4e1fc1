"""Names that may stand for one object."""

import ast

from nb2svc.capture.probe.sharing import names_that_share


def test_a_list_of_frames_shares_them_and_a_call_makes_another() -> None:
    sharing = names_that_share([ast.parse("both = [train, test]\nloans = train\ncopy = loans.copy()\nn = 3")])
    assert sharing["both"] == sharing["train"] == {"both", "train", "test", "loans"}
    assert not {"copy", "n"} & sharing.keys()
