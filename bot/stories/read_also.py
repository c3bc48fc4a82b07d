"""Links under "Read also" for a reader: those of the editors, then related stories.

`bot.stories.related` ranks and chooses the related ones.
"""

from collections.abc import Callable, Collection, Iterable

import aiosqlite

from bot.model import (
    PUBLIC_VISIBILITY,
    CandidateStory,
    EditorLink,
    Language,
    Story,
    StoryId,
    TopicSlug,
    Visibility,
)
from bot.storage.stories import editor_links, queries, signatures, stories
from bot.stories.matching.clustering import cluster_candidate, min_same_log_odds, rank_matches
from bot.stories.related import MAX_AGE, RelatedLink, choose_related, query_weights

# By so much the log-odds of the same event may miss those from which two stories are one.
SAME_EVENT_MARGIN = 1.5
# Of a story that many told, the first stand for it.
MAX_JUDGED_ARTICLES = 4


async def read_also(
    db: aiosqlite.Connection,
    story: Story,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story | EditorLink, ...]:
    """Return up to `related.MAX_LINKS` links of these topics and languages, the best first.

    The links that the editors put into the story's articles come before all others.
    """
    chosen_by_editors = await resolved_editor_links(
        db, story, topics=topics, languages=languages, visibility=visibility
    )
    related = await related_links(
        db,
        story,
        topics=topics,
        languages=languages,
        visibility=visibility,
        chosen_by_editors=chosen_by_editors,
    )
    return tuple(link.link for link in related)


async def resolved_editor_links(
    db: aiosqlite.Connection,
    story: Story,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> list[Story | EditorLink]:
    """Return the editors' links: stored stories, and pages whose titles match the reader.

    None to a chapter of the story's own storyline.
    """
    links: list[Story | EditorLink] = []
    for resolved in await editor_links.of_story(
        db, story.id, languages=languages, visibility=visibility
    ):
        if resolved.story_id is None:
            is_wanted = not set(resolved.topics).isdisjoint(topics)
            if resolved.link.url and resolved.language in languages and is_wanted:
                links.append(resolved.link)
        else:
            linked = await queries.get(
                db, resolved.story_id, languages=languages, visibility=visibility
            )
            if linked is not None and linked.storyline != story.storyline:
                links.append(linked)
    return links


async def related_links(  # noqa: PLR0913
    db: aiosqlite.Connection,
    story: Story,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    visibility: Visibility = PUBLIC_VISIBILITY,
    chosen_by_editors: Iterable[Story | EditorLink] = (),
    excluded: Collection[Story] = (),
) -> tuple[RelatedLink, ...]:
    """Rank earlier stories of these topics and languages by `choose_related`.

    Stories in `chosen_by_editors` are kept only if they are of these topics and languages.
    """
    story_terms = await stories.terms(db, story.id)
    candidates = await queries.sharing_terms(
        db,
        story,
        words=query_weights(story_terms),
        topics=topics,
        languages=languages,
        visibility=visibility,
        since=story.published_at - MAX_AGE,
    )
    wanted = [
        link
        for link in chosen_by_editors
        if isinstance(link, EditorLink)
        or (link.language in languages and not {link.topic, *link.other_topics}.isdisjoint(topics))
    ]
    # The terms of the editors' stories show which of the candidates duplicate them.
    linked = [
        (link, await stories.terms(db, link.id)) for link in wanted if isinstance(link, Story)
    ]
    rivals = [other.id for other, _ in (*linked, *candidates)]
    return choose_related(
        story,
        story_terms,
        [*linked, *candidates],
        chosen_by_editors=wanted,
        excluded=excluded,
        is_same_event=same_event_judge(
            story.id, await signatures.of_stories(db, {story.id, *rivals})
        ),
    )


def same_event_judge(
    story_id: StoryId, compared: Iterable[CandidateStory]
) -> Callable[[StoryId], bool]:
    """Return the function that tells whether one of the compared stories reports the same event.

    In doubt it does: log-odds that are `SAME_EVENT_MARGIN` below those of one story are enough.
    """
    by_id = {each.story_id: each for each in compared}

    def is_same_event(other: StoryId) -> bool:
        if story_id not in by_id or other not in by_id:
            return False
        candidate = cluster_candidate(by_id[other])
        return any(
            match.same_log_odds
            >= min_same_log_odds(with_vectors=article.vector is not None) - SAME_EVENT_MARGIN
            for article in cluster_candidate(by_id[story_id]).articles[:MAX_JUDGED_ARTICLES]
            for match in rank_matches(
                article, [candidate], source=article.source, published_at=article.published_at
            )
        )

    return is_same_event
