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
from bot.stories.matching.clustering import (
    WINDOW,
    cluster_candidate,
    min_same_log_odds,
    rank_matches,
)
from bot.stories.matching.vectors import cosines
from bot.stories.related import (
    MAX_AGE,
    MIN_SHARED_TERMS,
    MIN_SURELY_SHARED_TERMS,
    NOT_JUDGED,
    Closeness,
    RelatedLink,
    choose_related,
    query_weights,
)

# By so much the log-odds of the same event may miss those from which two stories are one.
SAME_EVENT_MARGIN = 1.5
# From this cosine of their vectors on, what the log-odds part is mostly told again, or told every
# week; below the other it is another matter, as it is below such log-odds of one storyline.
SAME_COSINE, MIN_COSINE, MIN_LINE_LOG_ODDS = 0.66, 0.3, -2.5
# From this one on, few terms in common are enough. All four were chosen on 168 offers of eight days
# of news, read once; see quality/results.
SURE_COSINE = 0.45
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
        closeness=closeness_judge(story.id, await signatures.of_stories(db, {story.id, *rivals})),
    )


def closeness_judge(
    story_id: StoryId, compared: Iterable[CandidateStory]
) -> Callable[[StoryId], Closeness]:
    """Return the function that judges how close one of the compared stories is to the story.

    In doubt it reports the same event: log-odds that are `SAME_EVENT_MARGIN` below those of one
    story are enough. What is older than the window of stories is judged as if it were not.
    """
    by_id = {each.story_id: each for each in compared}

    def closeness(other: StoryId) -> Closeness:
        if story_id not in by_id or other not in by_id:
            return NOT_JUDGED
        candidate = cluster_candidate(by_id[other])
        articles = cluster_candidate(by_id[story_id]).articles[:MAX_JUDGED_ARTICLES]
        one, two = articles[0].vector, candidate.articles[0].vector
        cosine = None if one is None or two is None else cosines(one, [two])[0][3]
        matches = [
            (article, match)
            for article in articles
            for match in rank_matches(
                article,
                [candidate],
                source=article.source,
                published_at=min(article.published_at, candidate.published_at + WINDOW),
            )
        ]
        return Closeness(
            is_same=(cosine is not None and cosine >= SAME_COSINE)
            or any(
                match.same_log_odds
                >= min_same_log_odds(with_vectors=article.vector is not None) - SAME_EVENT_MARGIN
                for article, match in matches
            ),
            is_apart=(cosine is not None and cosine < MIN_COSINE)
            or all(match.line_log_odds < MIN_LINE_LOG_ODDS for _, match in matches),
            min_shared_terms=MIN_SHARED_TERMS
            if cosine is not None and cosine >= SURE_COSINE
            else MIN_SURELY_SHARED_TERMS,
        )

    return closeness
