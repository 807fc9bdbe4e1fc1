"""Step 3: does it fit into the systems around it, under load and with parts failing?"""

from nb2svc.readiness.catalogue.item import Item

INTEGRATION: tuple[Item, ...] = (
    Item(
        id="API-01",
        title="The API keeps its contract",
        severity="blocker",
        why="Callers build on the contract; a field that changes breaks them at night.",
        proof="generated requests from the OpenAPI document with no server error and every answer of the declared form, and"
        " a comparison with the last release",
        next_action="Run a request generator against the service's OpenAPI document.",
        effort=2,
        maps="OWASP ML09",
    ),
    Item(
        id="API-02",
        title="Every route asks who is calling and what they may do",
        severity="blocker",
        why="An open route gives decisions, and the model itself, to anybody.",
        proof="every route called without, with garbage, expired, forged and wrong-role credentials (401 or 403) and with"
        " valid ones (200)",
        next_action="Keep the service on loopback or behind a gateway that authenticates.",
        effort=2,
        maps="OWASP ML05",
        attested_by="security, for the roles, every 180 days",
    ),
    Item(
        id="API-03",
        title="The service has limits",
        severity="warning",
        rises=True,
        why="One caller's mistake must not take the service from all others.",
        proof="a body, a batch, a burst and a slow request beyond each limit, answered 413, 400, 429 with Retry-After, and"
        " the fallback",
        next_action="Declare the largest batch, the largest body and the rate that one caller may have.",
        effort=2,
        maps="OWASP ML05",
    ),
    Item(
        id="API-04",
        title="It carries the declared load",
        severity="blocker",
        why="A service that is fast alone and slow together fails on its best day.",
        proof="an open-loop load test at the declared rate and at 1,000 callers at once: errors, 99th percentile,"
        " saturation point, and the same figures of the last release",
        next_action="Declare the requests per second and the 99th percentile that the process needs.",
        effort=1,
        maps="MLTS Mon 6",
        attested_by="the owner of the service level, every 180 days",
    ),
    Item(
        id="API-05",
        title="It scales out, and survives the loss of a replica",
        severity="warning",
        rises=True,
        why="Machines fail; an answer and its record must not be lost with one.",
        proof="two replicas under load, one killed: the share of errors, and every audit record present",
        next_action="Run two replicas behind a proxy, kill one under load, and count errors.",
        effort=3,
    ),
    Item(
        id="API-06",
        title="It can be deployed and stopped cleanly",
        severity="blocker",
        why="Each release is a stop and a start; both must be boring.",
        proof="health and readiness answers, a stop under load that loses no request, a container that is not root on a"
        " read-only disk, cold-start seconds and a memory limit",
        next_action="Start the service where it will run, stop it under load, and see that no request is lost.",
        effort=3,
        attested_by="operations, for the runbook, every 180 days",
    ),
)
