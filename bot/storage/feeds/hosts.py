"""Table `hosts` as a condition: which domains may be requested now, and for whom."""

import json
from datetime import datetime

from bot.model.feeds import BusyDomains
from bot.storage.database import Condition
from bot.storage.times import to_seconds

NONE_BUSY = BusyDomains()


def is_free(domain: str, busy: BusyDomains, *, now: datetime) -> Condition:
    """Return the condition that the domain in that column is neither busy nor blocked.

    It goes by `private` of the row of `feeds`, and by the row of `hosts`, which may be absent.
    """
    return Condition(
        sql=f"""
               coalesce(hosts.ready_at, 0) <= :now
           AND {domain} NOT IN (SELECT value FROM json_each(:busy))
           AND (private = 0
                OR :admits_private AND coalesce(hosts.private_ready_at, 0) <= :now
               AND {domain} NOT IN (SELECT value FROM json_each(:private_busy)))
        """,
        params={
            "now": to_seconds(now),
            "busy": json.dumps(sorted(busy.all)),
            "private_busy": json.dumps(sorted(busy.private)),
            "admits_private": busy.admits_private,
        },
    )
