"""aiogram, imported without building the types that the bot does not use.

`aiogram.types` ends by building the validators of its 400 classes, each with a copy of all that it
refers to: three seconds of processor time and 100 MB. Here a class is built when it is first used:
until then pydantic holds a placeholder for its validator, which calls the class's `model_rebuild`
(pydantic: "Defer the building of schemas"). That is a private arrangement of two libraries, so it
is tried on one class at once, and what aiogram does itself is made good where the trial fails.
"""

import importlib
import logging
import sys
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

log = logging.getLogger(__name__)

# Where aiogram's classes find the names in their annotations: they import none of them.
_names: dict[str, Any] = {}
_plain_rebuild = BaseModel.__dict__["model_rebuild"].__func__


def import_aiogram() -> bool:
    """Import aiogram; return whether its types are left to be built when they are used.

    False also where somebody imported aiogram before.
    """
    if "aiogram" in sys.modules:
        return bool(_names)

    def note_names(
        cls: type[BaseModel], /, *, _types_namespace: dict[str, Any] | None = None, **options: Any
    ) -> bool | None:
        if _types_namespace is not None and cls.__module__.startswith("aiogram."):
            _names.update(_types_namespace)
            return None
        result: bool | None = _plain_rebuild(cls, _types_namespace=_types_namespace, **options)
        return result

    BaseModel.model_rebuild = classmethod(note_names)  # type: ignore[assignment]
    try:
        types = importlib.import_module("aiogram.types")
    finally:
        BaseModel.model_rebuild = classmethod(_plain_rebuild)  # type: ignore[assignment]
    methods = importlib.import_module("aiogram.methods.base")
    for base in (types.TelegramObject, methods.TelegramMethod):
        base.model_rebuild = classmethod(rebuild)
    try:
        types.Chat(id=1, type="private")
    except Exception:
        log.warning("aiogram's types cannot be built one by one: all are built now", exc_info=True)
        for kind in map(vars(types).get, types.__all__):
            getattr(kind, "model_rebuild", bool)()
        return False
    return True


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a class of aiogram by name, with annotations that are types."""
    model.model_rebuild()
    return model.model_fields


def rebuild(
    cls: type[BaseModel],
    *,
    force: bool = False,
    raise_errors: bool = True,
    _parent_namespace_depth: int = 2,
    _types_namespace: dict[str, Any] | None = None,
) -> bool | None:
    """Build the class; pydantic's placeholders call this in the place of `model_rebuild`."""
    result: bool | None = _plain_rebuild(
        cls, force=force, raise_errors=raise_errors, _types_namespace=_types_namespace or _names
    )
    return result
