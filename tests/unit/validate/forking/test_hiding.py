"""What tells runs apart is not in the namespace while cells run that they share."""

from nb2svc.validate.forking.side.hiding import Hidden


def test_names_are_gone_and_come_back_where_they_stood():
    space = {"a": 1, "seed": 0, "b": 2, "c": 3}
    hidden = Hidden(space, ["seed", "unknown"])
    assert space == {"a": 1, "b": 2, "c": 3}
    del space["b"]
    space["new"] = 4
    hidden.end()
    assert list(space.items()) == [("a", 1), ("seed", 0), ("c", 3), ("new", 4)]


def test_who_asks_for_them_or_sets_them_is_seen():
    space = {"seed": 0}
    hidden = Hidden(space, ["seed"])
    assert hidden.named("name 'seed' is not defined") == "seed"
    assert hidden.named("seeds are wanted") == ""
    assert hidden.found() == ""
    space["seed"] = 1
    assert hidden.found() == "seed"
