"""One Markdown file is one entry in one locale: front matter for its fields, a section for each text."""

from typing import Annotated, Any

import msgspec

from kb.channels.types import Link, Next
from kb.entries.rules import content_hash
from kb.entries.types import Content, Draft, Kind
from kb.files.places import Places
from kb.files.sections import Section, Wordings, halves, sections, wordings
from kb.files.shape import MisfitError, fault, fit_fields, unknown
from kb.files.text_faults import text_faults
from kb.files.types import Fault, ReadDraft, ReadError
from kb.files.yaml_values import Tree, read_yaml

Hash = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class About(msgspec.Struct, frozen=True):
    """The fields of a file that aren't content: who wrote it, the source it pins, the revision it was dumped from.

    `again` counts how often this author went back to these very words: without it they are the revision they were first.
    """

    author: Id
    editors: tuple[Id, ...] = ()
    source: Hash = ""
    base: Hash = ""
    again: Annotated[int, msgspec.Meta(ge=0)] = 0


class Parsed(msgspec.Struct, frozen=True):
    """A draft as read, with the lines of its fields."""

    read: ReadDraft
    places: Places


class EntryFile(msgspec.Struct, frozen=True):
    """What a file's path says: its kind, key and locale, and whether that locale is a translation's."""

    path: str
    kind: Kind
    key: str
    locale: str
    translation: bool


ABOVE = 1
"""Front matter begins on the second line."""
ABOUT = About.__struct_fields__
IN_SECTIONS = ("wording", "alternates", "variants")
IN_YAML_ONLY = ("fact", "house")
FRONT = tuple(name for name in Content.__struct_fields__ if name not in IN_SECTIONS + IN_YAML_ONLY)
"""Fields of a content that stand in front matter."""


def read_entry(file: EntryFile, text: str) -> Parsed | list[Fault]:
    """The entry of a file whose lines are normal, or everything that is wrong with it."""
    try:
        front, body, line = halves(text)
        tree = read_yaml(front)
    except ReadError as error:
        return [error.fault(file.path, 0 if error.code.startswith("front") else ABOVE)]
    found, faults = _wordings(file.path, body, line)
    about, content = _front(file, tree, faults)
    if isinstance(about, About) and content is not None and found is not None:
        content = msgspec.structs.replace(
            content, wording=found.wording, alternates=found.alternates, variants=found.variants
        )
        places = Places(tree, ABOVE, found.lines)
        faults += text_faults(file.path, content, places, translation=file.translation)
        if not faults:
            return parsed(Draft(file.key, file.kind, file.locale, about.author, content), about, places, file.path, 1)
    return faults


def parsed(draft: Draft, about: About, places: Places, path: str, line: int) -> Parsed:
    """The draft as it was read, with what the file says about it."""
    draft = msgspec.structs.replace(draft, editors=about.editors, source=about.source, again=about.again)
    return Parsed(ReadDraft(draft, content_hash(draft), path, line, about.base), places)


def _wordings(path: str, body: str, line: int) -> tuple[Wordings | None, list[Fault]]:
    cut = sections(body, line)
    faults = [one.fault(path) for one in cut if isinstance(one, ReadError)]
    try:
        return wordings([one for one in cut if isinstance(one, Section)]), faults
    except ReadError as error:
        return None, [*faults, error.fault(path)]


def _front(file: EntryFile, tree: Tree, faults: list[Fault]) -> tuple[About | None, Content | None]:
    """The fields of front matter; what doesn't fit is added to `faults`."""
    values = tree.value
    misfits: list[MisfitError] = []
    if not isinstance(values, dict):
        misfits.append(MisfitError((), "the front matter holds no fields", "write NAME: VALUE, one a line"))
        values = {"kind": file.kind}
    if values.get("kind") != file.kind:
        said = values.get("kind", "none")
        action = f"write kind: {file.kind}, or move the file to the folder of its kind"
        misfits.append(MisfitError(("kind",), f"the kind is {said}, the folder is that of a {file.kind}", action))
    fields = {name: value for name, value in values.items() if name not in ABOUT and name != "kind"}
    misfits += [unknown(name, FRONT, (name,)) for name in IN_SECTIONS + IN_YAML_ONLY if name in fields]
    if file.translation:
        misfits += _words_only(fields)
    elif values.get("source"):
        misfits.append(MisfitError(("source",), "only a translation names a source", "remove it"))
    about = fit_fields({name: values[name] for name in ABOUT if name in values}, About)
    content = fit_fields(fields, Content)
    for outcome in (about, content):
        misfits += outcome if isinstance(outcome, list) else []
    faults += [fault(file.path, tree, misfit, ABOVE) for misfit in misfits]
    return (about if isinstance(about, About) else None), (content if isinstance(content, Content) else None)


def _words_only(fields: dict[str, Any]) -> list[MisfitError]:
    """Links and ways on of a translation have no targets: they are the source's. Gives each the empty one it takes."""
    found: list[MisfitError] = []
    for name, target, kind in (("links", "url", Link), ("next", "to", Next)):
        items = fields.get(name)
        if not isinstance(items, list):
            continue
        for index, item in enumerate(items):
            if isinstance(item, dict) and target in item:
                message = f"{name}[{index}] has a {target}, which a {kind.__name__.lower()} takes from the source here"
                found.append(MisfitError((name, index, target), message, "remove it"))
        fields[name] = [{**item, target: ""} if isinstance(item, dict) else item for item in items]
    return found
