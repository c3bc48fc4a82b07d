"""aiogram, imported without building the types that the bot does not use.

`aiogram.types` ends by building the validators of its 400 classes, each with a copy of all that it
refers to: three seconds of processor time and 100 MB. Here that is left out. aiogram defers the
building of its classes (pydantic's `defer_build`), so each is built when it is first used; for that
its annotations must find the names that its module imports for type checkers only.
"""

import importlib
import logging
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

log = logging.getLogger(__name__)


def import_aiogram() -> bool:
    """Import aiogram; return whether its types are left to be built when they are used.

    False also where somebody imported aiogram before.
    """
    if "aiogram" in sys.modules:
        return False
    rebuild, names = BaseModel.__dict__["model_rebuild"].__func__, dict[str, Any]()

    def note_names(
        cls: type[BaseModel], /, *, _types_namespace: dict[str, Any] | None = None, **options: Any
    ) -> bool | None:
        if _types_namespace is not None and cls.__module__.startswith("aiogram."):
            names.update(_types_namespace)
            return None
        result: bool | None = rebuild(cls, _types_namespace=_types_namespace, **options)
        return result

    BaseModel.model_rebuild = classmethod(note_names)  # type: ignore[assignment]
    try:
        types = importlib.import_module("aiogram.types")
        methods = importlib.import_module("aiogram.methods")
    finally:
        BaseModel.model_rebuild = classmethod(rebuild)  # type: ignore[assignment]
    _complete_names([*names.values(), *vars(methods).values()], names)
    try:
        TypeAdapter(types.MessageEntity).validate_python({"type": "bold", "offset": 0, "length": 1})
    except Exception:
        log.warning("aiogram's types cannot be built one by one: all are built now", exc_info=True)
        for name in types.__all__:
            getattr(names[name], "model_rebuild", dict)(_types_namespace=names)
        return False
    return True


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a class of aiogram by name, with annotations that are types."""
    model.model_rebuild()
    return model.model_fields


def _complete_names(kinds: Iterable[Any], names: Mapping[str, Any]) -> None:
    """Let the annotations of the classes, which are texts, find what they name in their modules.

    pydantic looks for the names of inherited ones in the module of the class that inherits.
    """
    for owner in {base for kind in kinds for base in getattr(kind, "__mro__", ())}:
        if owner.__module__.startswith("aiogram."):
            annotations = [vars(base).get("__annotations__", {}).values() for base in owner.__mro__]
            used, known = re.findall(r"\w+", str(annotations)), vars(sys.modules[owner.__module__])
            known.update({name: names[name] for name in {*used} & names.keys() - known.keys()})
