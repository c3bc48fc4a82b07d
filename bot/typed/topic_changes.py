"""Topics as people choose them by words: those to add and those to remove, in /topics and /here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.model import TopicSlug
from bot.topics import Topics
from bot.typed.choices import read_choice


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicChanges:
    """Topics to add and to remove; words that name none, and what those may mean: wanted or not."""

    added: Sequence[TopicSlug]
    removed: Sequence[TopicSlug]
    unknown: tuple[str, ...]
    meant: tuple[tuple[TopicSlug, bool], ...]


def choose(text: str, topics: Topics, chosen: Collection[TopicSlug]) -> TopicChanges:
    """Return the changes that a text makes to the chosen topics: "war, -sport", «усе, крім ...»."""
    typed = read_choice(text)
    wanted, unwanted = topics.find(typed.wanted), topics.find(typed.unwanted)
    every = [topic.slug for topic in topics]
    # Without any topics before, "except sport" means all others.
    is_all = typed.is_all or bool(unwanted.slugs and not wanted.slugs and not chosen)
    # "Tech without games", which belong to it, neither adds nor removes it.
    both = set(wanted.slugs) & set(unwanted.slugs)
    added = set(every if is_all else wanted.slugs) - set(unwanted.slugs)
    removed = set(every if typed.is_none else unwanted.slugs) - both
    if typed.is_only and added:
        removed = set(every) - added
    meant = [
        (topic.slug, match is wanted)
        for match in (wanted, unwanted)
        for word in match.unknown
        if (topic := topics.nearest(word))
    ]
    meant += [(slug, True) for slug in every if slug in both]
    return TopicChanges(
        added=[slug for slug in every if slug in added - set(chosen)],
        removed=[slug for slug in every if slug in removed & set(chosen)],
        unknown=wanted.unknown + unwanted.unknown + ((typed.unwanted,) if both else ()),
        meant=tuple(dict.fromkeys(meant)),
    )


def shown_topics(
    text: str, topics: Topics, chosen: Collection[TopicSlug]
) -> tuple[list[TopicSlug], tuple[str, ...]]:
    """Return the topics of a list that is asked for, none: all; and the words that name none.

    What is taken away is taken from the topics that are named, else from the chosen ones.
    """
    typed = read_choice(text)
    wanted, unwanted = topics.find(typed.wanted), topics.find(typed.unwanted)
    every = [topic.slug for topic in topics]
    shown = set(wanted.slugs)
    if unwanted.slugs:
        own = set() if typed.is_all else shown or set(chosen)
        shown = (own or set(every)) - set(unwanted.slugs)
    return [slug for slug in every if slug in shown], wanted.unknown
