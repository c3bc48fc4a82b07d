"""What aiogram makes anew for each bot and each router, made once for all tests.

A bot loads all certificate authorities, 50 ms of processor time, and a router reads the signatures
of some thirty functions of its own. Tests make a thousand of both.
"""

import inspect
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import aiogram.client.session.aiohttp as session
import aiogram.dispatcher.event.handler as handler
import pytest


@contextmanager
def reused_aiogram_parts() -> Iterator[None]:
    """Let all bots share one TLS context, and functions of one code one signature."""
    with pytest.MonkeyPatch.context() as patch:
        shared = SimpleNamespace(**vars(ssl) | {"create_default_context": _tls_context})
        patch.setattr(session, "ssl", shared)
        cached = SimpleNamespace(**vars(inspect) | {"signature": _signature})
        patch.setattr(handler, "inspect", cached)
        yield


@cache
def _tls_context(cafile: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=cafile)


_signatures: dict[object, inspect.Signature] = {}


def _signature(function: Callable[..., Any], **options: Any) -> inspect.Signature:
    # Defaults and annotations, in which two functions of one code may differ, are not looked at.
    code = getattr(function, "__code__", None) or getattr(type(function).__call__, "__code__", None)
    if code is None:
        return inspect.signature(function, **options)
    key = code, inspect.ismethod(function)
    if key not in _signatures:
        _signatures[key] = inspect.signature(function, **options)
    return _signatures[key]
