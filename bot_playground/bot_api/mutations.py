"""Mutations of updates, as new releases of the Bot API bring them.

A field that clients seldom need is left out; fields, kinds of media and origins, entities and tags
of unions are added that no client knows yet. What a client needs stays.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random

from bot_playground.bot_api.errors import Json

NEW = "hologram"
MAX_MUTATIONS = 4
# Fields that say nothing about who writes what, where, or may do what.
_LEFT_OUT = [
    "date",
    "edit_date",
    "is_bot",
    "first_name",
    "chat_instance",
    "until_date",
    "entities",
    "caption_entities",
    "link_preview_options",
    "file_unique_id",
    "user",
    "is_anonymous",
    "can_be_edited",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_edit_messages",
    "can_pin_messages",
    "can_manage_topics",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
]
_NEW_OBJECT: Json = {"type": NEW, "date": 1, "source": NEW}
_NEW_ENTITIES: tuple[Json, ...] = (
    {"type": NEW, "offset": 0, "length": 1},
    {"type": NEW},
    {"type": {"name": NEW}, "offset": 0, "length": 1},
)
# Of each object, told by a field that all of its kind have: fields in which Telegram adds kinds.
_NEW_KINDS: dict[str, tuple[str, ...]] = {
    "message_id": (
        "forward_origin",
        "external_reply",
        "quote",
        "story",
        "checklist",
        "gift",
        "giveaway",
        "poll",
        "sticker",
        "suggested_post_info",
    ),
    "new_chat_member": ("invite_link",),
    "query": ("location",),
}
_MEDIA: Json = {"star_count": 1, "paid_media": [{"type": NEW}]}
_VALUES: tuple[object, ...] = ({"type": NEW}, [{"type": NEW}], NEW, 1, True, None)


@dataclass(slots=True, kw_only=True)
class Mutator:
    """Mutates each update with the chance `share`, in 1 to `MAX_MUTATIONS` places."""

    random: Random
    share: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)

    def mutate(self, update: Json) -> Json:
        """Return the update, or a mutated copy of it."""
        if self.random.random() >= self.share:
            return update
        mutated = deepcopy(update)
        for _ in range(self.random.randint(1, MAX_MUTATIONS)):
            objects = list(_objects(mutated))
            mutations = [self._leave_out, self._add_kind, self._add_entity, self._add_field]
            self.random.shuffle(mutations)
            # The last of them, a new field, is possible in any object.
            next(name for mutation in mutations if (name := mutation(objects)))
        return mutated

    def _leave_out(self, objects: list[Json]) -> str:
        places = [(each, name) for each in objects for name in each if name in _LEFT_OUT]
        if not places:
            return ""
        place, name = self.random.choice(places)
        del place[name]
        return self._count(f"without {name}")

    def _add_kind(self, objects: list[Json]) -> str:
        places = [
            (each, name)
            for each in objects
            for key, names in _NEW_KINDS.items()
            if key in each
            for name in names
            if name not in each
        ]
        if not places:
            return ""
        place, name = self.random.choice(places)
        place[name] = deepcopy(_NEW_OBJECT)
        if "message_id" in place and "paid_media" not in place:
            place["paid_media"] = deepcopy(_MEDIA)
        return self._count(f"new kind of {name}")

    def _add_entity(self, objects: list[Json]) -> str:
        places = [each for each in objects if "message_id" in each and "text" in each]
        if not places:
            return ""
        place = self.random.choice(places)
        known = place.get("entities")
        entities = known if isinstance(known, list) else []
        at = self.random.randint(0, len(entities))
        place["entities"] = [
            *entities[:at],
            dict(self.random.choice(_NEW_ENTITIES)),
            *entities[at:],
        ]
        return self._count("new entity")

    def _add_field(self, objects: list[Json]) -> str:
        place = self.random.choice(objects)
        fields = {NEW: deepcopy(self.random.choice(_VALUES)), **place}
        place.clear()
        place.update(fields)
        return self._count("new field")

    def _count(self, name: str) -> str:
        self.counts[name] = self.counts.get(name, 0) + 1
        return name


def _objects(value: object) -> Iterator[Json]:
    """Yield all objects within a JSON value, the outermost first."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)
