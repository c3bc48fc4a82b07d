"""Table `hosts` as a condition: which domains may be requested now, and for whom."""

import json
from datetime import datetime

from bot.model.feeds import BusyDomains
from bot.storage.database import Condition
from bot.storage.times import to_seconds

NONE_BUSY = BusyDomains()
# Of the lanes for private feeds, those that may work at once for the feeds of one chat.
MAX_LANES_OF_ONE_CHAT = 2


def is_free(domain: str, busy: BusyDomains, *, now: datetime) -> Condition:
    """Return the condition that the domain in that column is neither busy nor blocked.

    It goes by the row of `feeds`, and by that of `hosts`, which may be absent. A private feed waits
    while enough lanes work for each of the chats that have added it.
    """
    return Condition(
        sql=f"""
               coalesce(hosts.ready_at, 0) <= :now
           AND {domain} NOT IN (SELECT value FROM json_each(:busy))
           AND (private = 0
                OR :admits_private AND coalesce(hosts.private_ready_at, 0) <= :now
               AND {domain} NOT IN (SELECT value FROM json_each(:private_busy))
               AND (:private_feeds = '[]'
                    OR EXISTS (SELECT 1 FROM own_feeds AS owner
                                WHERE owner.feed_id = feeds.id
                                  AND :max_of_one_chat >
                                      (SELECT count(*)
                                         FROM json_each(:private_feeds)
                                         JOIN own_feeds AS worked_for ON feed_id = value
                                        WHERE worked_for.chat_id = owner.chat_id))))
        """,
        params={
            "now": to_seconds(now),
            "busy": json.dumps(sorted(busy.all)),
            "private_busy": json.dumps(sorted(busy.private)),
            "admits_private": busy.admits_private,
            "private_feeds": json.dumps(busy.private_feeds),
            "max_of_one_chat": MAX_LANES_OF_ONE_CHAT,
        },
    )
