"""The presentation of results: text, JSON and Rich views, on any kind of terminal."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.display.output import Writer
    from hmp.display.sink import Sink


def make_writer(
    style: str, out: Sink, err: Sink, query: str | None = None, raw: bool = False
) -> Writer:
    """Return the writer for ``text``, ``rich`` or ``json``.

    query: a JMESPath expression for JSON output. raw: write its values plainly. Raises
    QueryError.
    """
    if style == "json":
        from hmp.display.json_output import JsonWriter, RawWriter

        return RawWriter(out, err, query) if raw else JsonWriter(out, err, query)
    from hmp.display.output import RichWriter, TextWriter

    return RichWriter(out, err) if style == "rich" else TextWriter(out, err)
