"""Step 2: is what goes into the model what it should be, in training and in production?"""

from nb2svc.readiness.catalogue.item import Item

DATA: tuple[Item, ...] = (
    Item(
        id="DAT-01",
        title="Every input dataset is pinned and can be read again",
        severity="blocker",
        why="A model whose data can't be found again can't be explained, repaired or audited.",
        proof="the digest of every file that the run read, read again and equal, and every read call of the training slice"
        " accounted for",
        next_action="Build with the notebook's data files in place.",
        effort=1,
        maps="MLTS Infra 1",
    ),
    Item(
        id="DAT-02",
        title="The schema of all raw inputs is captured and enforced",
        severity="blocker",
        why="Most production faults of models are inputs that silently changed type, unit or range.",
        proof="eight kinds of mutation of every raw column (type, range, category, null, extra, missing, unit, infinity),"
        " each handled as declared by training and by the service",
        next_action="Review the ranges and categories in schema.py with somebody who knows the data.",
        effort=1,
        maps="MLTS Data 1, Mon 2",
        attested_by="the data's domain owner, every 365 days",
    ),
    Item(
        id="DAT-03",
        title="There is one implementation of the features",
        severity="blocker",
        why="Where training and serving compute a feature twice, they drift apart and nobody sees it.",
        proof="a replay of the notebook's own rows through the generated code: all at once, alone, in another order and as JSON",
        next_action="Build with the proof switched on.",
        effort=1,
        maps="MLTS Data 7, Mon 3",
    ),
    Item(
        id="DAT-04",
        title="The feature code is tested",
        severity="warning",
        rises=True,
        why="Parity proves that the features are the notebook's, not that they are right.",
        proof="unit and property tests of the feature functions, their branch coverage, and a mutation score of at least 60 %",
        next_action="Add a check cell that asserts what a feature must be for one row that you know.",
        effort=2,
        maps="MLTS Data 7",
    ),
    Item(
        id="DAT-05",
        title="Nothing leaks from the target or from the test rows",
        severity="blocker",
        why="Leakage looks like skill until the service meets its first real request.",
        proof="the dataflow (statistics fitted before the split, the target in a feature cell), single features that"
        " predict too well, rows that stand in both training and test, and the order of time",
        next_action="Look through the feature cells for statistics over all rows and for columns that are known only afterwards.",
        effort=1,
        attested_by="a data scientist, for what is flagged, every 180 days",
    ),
    Item(
        id="DAT-06",
        title="Every feature is worth its cost",
        severity="warning",
        why="Each feature is a dependency that can break; one that adds nothing is only that.",
        proof="permutation importance with intervals, and the time and the source that each feature costs a row",
        next_action="Drop the features whose permutation importance can't be told from zero.",
        effort=2,
        maps="MLTS Data 2, Data 3",
    ),
    Item(
        id="DAT-07",
        title="Features can be reused, and a new one is quick to add",
        severity="info",
        why="The second model should not start from nothing.",
        proof="a registry of features with type, owner, code digest and keys, and the time and manual edits that an added"
        " feature cell takes",
        next_action="Name each feature cell, so that its step can be found and used again.",
        effort=1,
        maps="MLTS Data 6",
    ),
    Item(
        id="DAT-08",
        title="The running service validates what it is sent",
        severity="blocker",
        why="A request outside what training saw gets a confident and meaningless answer.",
        proof="a replay of clean rows, out-of-range values, unseen categories, frozen columns and changed units against the"
        " running service, and what validation costs at the 99th percentile",
        next_action="Send the running service a row with an impossible value, and see that it is referred or invalid.",
        effort=2,
        maps="MLTS Mon 2",
    ),
    Item(
        id="DAT-09",
        title="Labels are right, and the data is fresh",
        severity="warning",
        why="A model learns the mistakes in its labels, and ages with its data.",
        proof="an estimate of label noise, the delay with which labels arrive, and the age of the newest row against a limit",
        next_action="Ask the owner of the data when a label is final, and how old the newest row may be.",
        effort=2,
        maps="MLTS Mon 1",
        attested_by="the data owner, every 180 days",
    ),
)
