"""All benchmarks, or those named on the command line: `python -m benchmarks feeds many_feeds`."""

import asyncio
import sys

from benchmarks import (
    delivery,
    digests,
    feeds,
    growth,
    many_feeds,
    matching,
    scale,
    usual_day,
    words,
)
from quality.data import mention_sample

PARTS = {
    "feeds": feeds.main,
    "many_feeds": many_feeds.main,
    "delivery": delivery.main,
    "scale": scale.main,
    "usual_day": usual_day.main,
    "digests": digests.main,
    "words": words.main,
    "growth": growth.main,
    "matching": matching.main,
}


async def main(names: list[str]) -> None:
    """Run the parts in the order that they are named in, or all of them.

    Raises:
        SystemExit: if there is no such part.
    """
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise SystemExit(f"no benchmark {unknown[0]!r}: there are {', '.join(PARTS)}")
    mention_sample()
    for name in names or PARTS:
        await PARTS[name]()


# The parsers' processes import this module too.
if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
