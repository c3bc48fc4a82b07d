"""What aiogram makes anew for each bot and each router, made once for all tests.

A bot loads all certificate authorities, 50 ms of processor time, and a router looks at the
signatures of some sixty functions, most of them its own. Tests make a thousand of both.
"""

import inspect
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import aiogram.client.session.aiohttp as session
import aiogram.dispatcher.event.telegram as observers
import pytest
from aiogram.dispatcher.event.handler import CallableObject, HandlerObject


@contextmanager
def reused_aiogram_parts() -> Iterator[None]:
    """Let all bots share one TLS context, and look once at functions of one code."""
    with pytest.MonkeyPatch.context() as patch:
        shared = SimpleNamespace(**vars(ssl) | {"create_default_context": _tls_context})
        patch.setattr(session, "ssl", shared)
        patch.setattr(CallableObject, "__post_init__", _look_once(CallableObject.__post_init__))
        patch.setattr(observers, "HandlerObject", _handler)
        yield


@cache
def _tls_context(cafile: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=cafile)


def _look_once(look: Callable[[CallableObject], None]) -> Callable[[CallableObject], None]:
    seen: dict[object, dict[str, Any]] = {}

    def post_init(called: CallableObject) -> None:
        function = called.callback
        # Defaults and annotations, in which two functions of one code may differ, do not count.
        code = getattr(function, "__code__", None) or type(function).__call__.__code__
        key = code, inspect.ismethod(function)
        if key not in seen:
            look(called)
            seen[key] = {name: vars(called)[name] for name in ("awaitable", "params", "varkw")}
        vars(called).update(seen[key])

    return post_init


_unused = HandlerObject(callback=lambda: True, filters=[])


def _handler(flags: dict[str, Any] | None = None, **fields: Any) -> HandlerObject:
    """Return a handler; without flags the one that each observer has, and never calls."""
    if flags is not None:
        return HandlerObject(flags=flags, **fields)
    handler = object.__new__(HandlerObject)
    vars(handler).update(vars(_unused), filters=[])
    return handler
