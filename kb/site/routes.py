"""The table of contents of what the pages load beside the public API."""

from kb.site import data
from kb.site.data import House, Lengths
from kb.web.asking import SHARED
from kb.web.door import Route

PREFIX = "/site"

ROUTES = (
    Route(f"{PREFIX}/house", data.house, "What can be asked here", "public", House, statuses=(503,)),
    Route(
        f"{PREFIX}/lengths/{{channel}}/{{key}}", data.lengths, "How long a text's parts are", "public", Lengths, SHARED
    ),
)
