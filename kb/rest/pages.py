"""The contract as an offline page, and a page for each problem code."""

from html import escape
from importlib.resources import files

from litestar import MediaType, Response
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.handlers import route
from litestar.params import FromPath

from kb.base.errors import Code
from kb.web.problems import MEANINGS

READ = [HttpMethod.GET, HttpMethod.HEAD]

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline' 'self'; script-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@route("/docs", http_method=READ, media_type=MediaType.HTML)
async def docs() -> Response[str]:
    """The contract to read and try, without the network: its scripts come from this installation."""
    return Response(DOCS, media_type=MediaType.HTML, headers=SECURITY | {"Cache-Control": "no-cache"})


@route("/docs/{name:str}", http_method=READ)
async def asset(name: FromPath[str]) -> Response[bytes]:
    """A script or style of the page."""
    if name == "start.js":
        return Response(START.encode(), media_type="text/javascript", headers=SECURITY)
    if name not in ASSETS:
        raise NotFoundException
    body = files("swagger_ui").joinpath("static", name).read_bytes()
    return Response(body, media_type=ASSETS[name], headers=SECURITY | {"Cache-Control": "max-age=86400"})


@route("/problems/{code:str}", http_method=READ, media_type=MediaType.HTML)
async def problem(code: FromPath[str]) -> Response[str]:
    """What a problem's `type` points at."""
    if code not in set(Code):
        raise NotFoundException
    title, meaning = escape(code.replace("-", " ").capitalize()), escape(MEANINGS[Code(code)])
    return Response(PROBLEM.format(title=title, meaning=meaning), media_type=MediaType.HTML, headers=SECURITY)


ASSETS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}

START = (
    "SwaggerUIBundle({url: '/v1/openapi.json', dom_id: '#docs', deepLinking: true, tryItOutEnabled: true,"
    " validatorUrl: null, filter: true, docExpansion: 'none', defaultModelsExpandDepth: 0});"
)

DOCS = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>kb: the REST contract</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/swagger-ui.css">
</head><body><div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""

PROBLEM = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,">
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}</style></head>
<body><h1>{title}</h1><p>{meaning}</p><p><a href="/docs">The contract</a></p></body></html>
"""
PAGES = (docs, asset, problem)
