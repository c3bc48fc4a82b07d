"""Where does a reader of this story go from here? The editor's own links, then what is related."""

from collections.abc import Collection, Iterable

import aiosqlite

from bot.model import PUBLIC_VISIBILITY, EditorLink, Language, Story, TopicSlug, Visibility
from bot.storage.stories import editor_links, stories
from bot.stories.related import MAX_AGE, RelatedLink, query_weights, choose_related


async def read_also(
    db: aiosqlite.Connection,
    story: Story,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    sight: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story | EditorLink, ...]:
    """Return up to eight links of these topics and languages, the best first.

    First those that the editors of its tellings put into their articles.
    """
    own = await resolved_editor_links(db, story, topics=topics, languages=languages, sight=sight)
    found = await related_links(db, story, topics=topics, languages=languages, sight=sight, own=own)
    return tuple(offer.link for offer in found)


async def resolved_editor_links(
    db: aiosqlite.Connection,
    story: Story,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    sight: Visibility = PUBLIC_VISIBILITY,
) -> list[Story | EditorLink]:
    """Return the editors' own links that lead to stories, or whose titles are for this reader."""
    own: list[Story | EditorLink] = []
    for it in await editor_links.of_story(db, story.id, languages=languages, sight=sight):
        if it.story_id is None:
            if it.language in languages and not frozenset(it.topics).isdisjoint(topics):
                own.append(it.link)
        elif linked := await stories.get(db, it.story_id, languages=languages, sight=sight):
            own.append(linked)
    return own


async def related_links(  # noqa: PLR0913
    db: aiosqlite.Connection,
    story: Story,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    sight: Visibility = PUBLIC_VISIBILITY,
    own: Iterable[Story | EditorLink] = (),
    excluded: Collection[Story] = (),
) -> tuple[RelatedLink, ...]:
    """Return what `choose` makes of earlier stories of these topics and languages.

    Those of `own` that are stories must be of these topics and languages as well.
    """
    its_terms = await stories.terms(db, story.id)
    candidates = await stories.sharing_terms(
        db,
        story,
        words=query_weights(its_terms),
        topics=topics,
        languages=languages,
        sight=sight,
        since=story.published_at - MAX_AGE,
    )
    wanted = [
        link
        for link in own
        if isinstance(link, EditorLink)
        or (link.language in languages and not {link.topic, *link.other_topics}.isdisjoint(topics))
    ]
    # With the terms of those the editors chose it is seen which of the others tell the same.
    linked = [(it, await stories.terms(db, it.id)) for it in wanted if isinstance(it, Story)]
    return choose_related(story, its_terms, [*linked, *candidates], own=wanted, excluded=excluded)
