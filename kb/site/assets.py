"""What the site's pages are made of."""

from kb.web import bundles
from kb.web.bundles import Bundle

PATH = "/site/assets"


def bundle() -> Bundle:
    """The files of the pages, with the path of the others written into them."""
    return bundles.bundle("kb.site", PATH)
