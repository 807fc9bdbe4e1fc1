"""Step 6: do the people it is about, and those who work with it, understand and control it?"""

from nb2svc.readiness.catalogue.item import Item

EXPERIENCE: tuple[Item, ...] = (
    Item(
        id="UX-01",
        title="People get words",
        severity="blocker",
        why="A score is not an answer to somebody who asked for a loan.",
        proof="the answers to all held-out rows: a decision, at most four reasons that were really scored, a next step, no"
        " bare score and no raw column name",
        next_action="Write the sentence that a user should read for each outcome and each reason.",
        effort=2,
        maps="Regulation B; AI Act Art. 86",
        attested_by="domain and legal, for the texts, every 365 days",
    ),
    Item(
        id="UX-02",
        title="The reasons are true",
        severity="blocker",
        why="Somebody will act on the reason that they are given.",
        proof="a counterfactual for each named reason: resetting it changes the score more than a random feature in 95 % of rows",
        next_action="Give no reasons to users before each was tested by resetting it.",
        effort=3,
        maps="GOV-08",
    ),
    Item(
        id="UX-03",
        title="People can see what the machine did, and contest it",
        severity="blocker",
        why="The right to know and to object exists only where there is a way to use it.",
        proof="pages or routes that disclose the machine, its reasons, the data used, its version and time, what would"
        " change it, and the way to contest, tried end to end",
        next_action="Decide where a user reads that a model took part, and how they object.",
        effort=2,
        maps="AI Act Art. 50; GDPR Art. 13, 14, 15, 22",
        attested_by="legal, every 365 days",
    ),
    Item(
        id="UX-04",
        title="Where it can't decide, a person does",
        severity="blocker",
        why="A fallback that answers something is how a fault becomes a decision.",
        proof="faults injected one by one (low confidence, missing input, outside training, time-out, no model, kill"
        " switch, no store): each ends with a person or the default, never silently automatic",
        next_action="Decide who gets a referred row, and what happens to it until then.",
        effort=2,
        maps="NIST MEASURE 2.6; AI Act Art. 14",
    ),
    Item(
        id="UX-05",
        title="The review queue works",
        severity="blocker",
        why="A case that two people decide, or none, is an error with a signature.",
        proof="claim, lease, decide, override and escalate with twenty reviewers at once, each case decided exactly once"
        " and its caller told",
        next_action="Decide where referred cases wait, and how their decision gets back to the caller.",
        effort=3,
        maps="GDPR Art. 22(3)",
    ),
    Item(
        id="UX-06",
        title="Oversight has an effect",
        severity="warning",
        rises=True,
        why="A person who always agrees is not a control.",
        proof="a blind audit share, override rates, time per case, agreement on cases seen twice and on cases with a known"
        " answer",
        next_action="Have a share of cases judged before the model's answer is shown.",
        effort=3,
        maps="AI Act Art. 14(4)(b)",
        attested_by="the team lead, every 90 days",
    ),
    Item(
        id="UX-07",
        title="The texts and pages are easy to read and to use",
        severity="warning",
        why="What is not understood is not disclosed.",
        proof="reading grade, complete languages and accessibility checks of the pages",
        next_action="Try the texts with five people who don't know the project.",
        effort=3,
        attested_by="a test with at least five users, every 365 days",
    ),
)
