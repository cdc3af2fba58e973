"""What a content may not hold, found in a file: each refusal with the line it stands on."""

from collections.abc import Iterator

from kb.entries.faults import content_faults
from kb.entries.types import Content
from kb.files.places import Places
from kb.files.types import Fault


def text_faults(file: str, content: Content, places: Places, *, translation: bool) -> Iterator[Fault]:
    """Every refusal in a content, with its line."""
    for one in content_faults(content, translation=translation):
        inside = one.line if one.field in places.sections else 0
        yield Fault(file, places.line(one.field) + inside, one.code, one.message, one.action)
