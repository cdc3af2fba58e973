"""`kb schema`: write the generated contracts."""

from pathlib import Path

import rich_click as click

from kb.cli.contracts import contracts
from kb.cli.output import emit, json_option


@click.group()
def schema() -> None:
    """Write the generated contracts."""


@schema.command()
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default=Path("schema"), show_default=True,
    help="Where to write.",
)  # fmt: skip
@json_option
def write(folder: Path, *, as_json: bool) -> None:
    """Write openapi.json and the JSON Schemas of the content files; a test holds the committed ones to this."""
    written = []
    for name, text in contracts().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            written.append(name)
    emit({"written": written}, [f"wrote {name}" for name in written] or ["all contracts are current"], as_json=as_json)
