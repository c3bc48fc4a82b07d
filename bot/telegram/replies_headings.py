"""Of which chat does a message speak? The first line says so, where it is another. Pure."""

from html import escape

from bot.model import Managed

_MARK = "📢 "


def headed(text: str, managed: Managed | None) -> str:
    """Return the HTML with the channel, if one is managed, in its first line."""
    if managed is None:
        return text
    return f"{_MARK}<b>{escape(managed.name)}</b>\n\n{text}"


def speaks_of(shown: str, managed: Managed | None) -> bool:
    """Tell whether a message, as it is shown, speaks of that channel; None: of its own chat."""
    first_line = shown.partition("\n")[0]
    if managed is None:
        return not first_line.startswith(_MARK)
    return first_line == f"{_MARK}{managed.name}"


def body(shown: str) -> str:
    """Return what is shown without the line that names a channel."""
    return shown.partition("\n\n")[2] if shown.startswith(_MARK) else shown
