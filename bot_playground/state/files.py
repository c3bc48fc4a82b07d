"""Files sent by the bot and by people, kept in memory."""

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from bot_playground.bot_api.errors import Json


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a call uploads it; an empty `mime_type` is guessed from the name."""

    name: str
    content: bytes
    mime_type: str = ""

    def __repr__(self) -> str:
        """Return the name and the size: assertion errors shall not print the content."""
        return f"<{self.name}: {len(self.content)} bytes>"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that was sent; the bot downloads it at `path`."""

    id: str
    unique_id: str
    path: str
    upload: Upload
    mime_type: str

    def document_object(self) -> Json:
        """Return the Bot API Document object."""
        return {"file_name": self.upload.name, "mime_type": self.mime_type, **self._common_fields()}

    def file_object(self) -> Json:
        """Return the Bot API File object."""
        return {**self._common_fields(), "file_path": self.path}

    def _common_fields(self) -> Json:
        size = len(self.upload.content)
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": size}


@dataclass(slots=True, kw_only=True)
class Files:
    """All files by their ids."""

    by_id: dict[str, File] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def add(self, upload: Upload) -> File:
        """Store a file; its MIME type is the sender's, else guessed from the name."""
        number = next(self._numbers)
        _, dot, extension = upload.name.rpartition(".")
        guessed, _ = mimetypes.guess_type(upload.name)
        file = File(
            id=f"BQACAgIAAxkBAAI{number:04d}document",
            unique_id=f"AgAD{number:04d}",
            path=f"documents/file_{number}{dot}{extension if dot else ''}",
            upload=upload,
            mime_type=upload.mime_type or guessed or "application/octet-stream",
        )
        self.by_id[file.id] = file
        return file

    def by_path(self, path: str) -> File | None:
        """Return the file at that path."""
        return next((file for file in self.by_id.values() if file.path == path), None)
