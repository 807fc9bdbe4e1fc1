"""Step 1: is this the right thing to decide by a model, and who answers for it?"""

from nb2svc.readiness.catalogue.item import Item

BUSINESS: tuple[Item, ...] = (
    Item(
        id="BIZ-01",
        title="The workflow is declared",
        severity="blocker",
        why="An answer that nobody acts on, or that has no action for one of its outcomes, is not a feature.",
        proof="a declaration of the decision, its user, one action per outcome, the daily volume, the deadline and what"
        " happens without the model, and a replay of held-out rows in which every declared outcome occurs",
        next_action="Write down the decision, who uses it, the action for each outcome, the daily volume, the deadline, and what"
        " happens without the model.",
        effort=1,
        maps="NIST MAP 1; AI Act Annex IV.1",
        attested_by="the process owner, at release, every 365 days",
    ),
    Item(
        id="BIZ-02",
        title="The success measure can be run, and is met",
        severity="blocker",
        why="A model can improve its own metric and still lose money.",
        proof="a check cell that computes the business measure on held-out rows, with its confidence interval against the"
        " declared target and its relation to the model's metric",
        next_action="Write a check cell that computes the business measure on held-out rows, and declare its target.",
        effort=2,
        maps="MLTS Model 2",
        attested_by="the measure's owner, every 180 days",
    ),
    Item(
        id="BIZ-03",
        title="The tolerance for error is declared, and kept on automatic decisions",
        severity="blocker",
        why="Without a tolerance nobody can say when the service must hand a decision to a person.",
        proof="declared tolerances for each kind of error, thresholds from a calibration set with upper bounds, their"
        " coverage on a test set, and a tolerance of zero that lets nothing through",
        next_action="Agree on the largest share of each kind of error that automatic decisions may have.",
        effort=2,
        maps="NIST MEASURE 2.6; AI Act Art. 14, 15",
        attested_by="the owner of the numbers, every 180 days",
    ),
    Item(
        id="BIZ-04",
        title="People can carry the referred cases",
        severity="warning",
        rises=True,
        why="A queue that grows faster than it is worked off turns referral into refusal.",
        proof="the share of referred rows times volume and minutes per case against the declared capacity, and a queue"
        " simulation against the deadline",
        next_action="Declare how many referred cases the team can work on in a day, and the minutes one takes.",
        effort=2,
        maps="NIST MEASURE 2.6",
        attested_by="the team lead, every 90 days",
    ),
    Item(
        id="BIZ-05",
        title="The model is better than simpler ones",
        severity="warning",
        rises=True,
        why="A model that doesn't beat a rule costs upkeep and explains less.",
        proof="the business measure of a trivial, a rule and a linear baseline on the same held-out rows with intervals of"
        " the differences, and the record of the search for parameters",
        next_action="Compare the model with a constant, a one-line rule and a linear model on the held-out rows.",
        effort=2,
        maps="MLTS Model 3, Model 5",
    ),
    Item(
        id="BIZ-06",
        title="A named person decided to go live",
        severity="blocker",
        why="Somebody must be able to say no, and must be findable later.",
        proof="a sign-off that names its author and is bound to the digests of this build, with every other blocker passing",
        next_action="Name the person who decides, and have the decision signed once every other blocker passes.",
        effort=3,
        maps="NIST MANAGE 1.1",
        attested_by="a named product owner, per release, every 180 days",
    ),
)
