"""All sixty-one items in the order of the seven steps."""

from nb2svc.readiness.catalogue.business import BUSINESS
from nb2svc.readiness.catalogue.compliance import COMPLIANCE
from nb2svc.readiness.catalogue.data import DATA
from nb2svc.readiness.catalogue.experience import EXPERIENCE
from nb2svc.readiness.catalogue.integration import INTEGRATION
from nb2svc.readiness.catalogue.item import Item
from nb2svc.readiness.catalogue.mlops import MLOPS
from nb2svc.readiness.catalogue.monitoring import MONITORING

ITEMS: tuple[Item, ...] = (*BUSINESS, *DATA, *INTEGRATION, *MLOPS, *COMPLIANCE, *EXPERIENCE, *MONITORING)


def by_id(identifier: str) -> Item:
    """The item with that id.

    Raises:
        KeyError: there is no such item.
    """
    for item in ITEMS:
        if item.id == identifier:
            return item
    raise KeyError(identifier)
