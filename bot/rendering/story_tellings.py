"""Who has told a story, in which words, when and in which language? Pure."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from bot.i18n import Say
from bot.model import Story, Telling
from bot.rendering.story import MAX_LENGTH, length


def render_tellings(story: Story, tellings: Sequence[Telling], say: Say, now: datetime) -> str:
    """Return the message that lists how the story was told; what does not fit is counted."""
    sources = len({telling.source for telling in tellings})
    heading = "\n".join(
        [
            f"<b>{escape(story.title)}</b>",
            "🗞 " + say.plural("{count} source tells this:", "{count} sources tell this:", sources),
        ]
    )
    lines = [_line(telling, say=say, now=now) for telling in tellings]
    drafts = (
        "\n\n".join([heading, *lines[:shown], *_rest(len(lines) - shown, say)])
        for shown in range(len(lines), -1, -1)
    )
    return next(draft for draft in drafts if length(draft) <= MAX_LENGTH)


def _line(telling: Telling, *, say: Say, now: datetime) -> str:
    """Return a telling in one line; its language where it is not the one that we speak."""
    aside = [telling.source, say.age(telling.published_at, now=now)]
    language = None if telling.language == "other" else telling.language
    if language is not None and language != say.language:
        aside.append(say.language_name(language))
    link = f'<a href="{escape(telling.url)}">{escape(telling.title)}</a>'
    return f"• {link} <i>— {escape(', '.join(aside))}</i>"


def _rest(count: int, say: Say) -> list[str]:
    return [say("… and {count} more.", count=str(count))] if count else []
