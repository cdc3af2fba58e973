"""Finding the route of a request by its path and its method, and refusing to start with one that isn't wholly declared."""

from collections.abc import Mapping, Sequence

import msgspec

from kb.base.errors import Broken
from kb.base.work import Right
from kb.web.door import GUEST, PERSON, PUBLIC, Route

OPEN = frozenset({PUBLIC, GUEST, PERSON})


class Way(msgspec.Struct, frozen=True):
    """One route, with the query parameters that are known there and those of them that may repeat."""

    route: Route
    names: tuple[str, ...]
    known: frozenset[str]
    repeated: frozenset[str]


class Place(msgspec.Struct, frozen=True):
    """What stands at a path: its routes by method, and the values of the path's segments in order."""

    ways: Mapping[str, Way]
    values: tuple[str, ...]

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(self.ways)


Shape = tuple[str, ...]
"""A path's segments with an empty one for each that takes a value."""


class Table:
    """Routes by the number of their segments; a request compares its segments with the few that have as many.

    Where a path fits several, the one that spells more of it out wins: `releases/prepare` before `releases/{release}`.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        places: dict[Shape, dict[str, Way]] = {}
        for route in routes:
            check_declared(route)
            shape, way = _shape_of(route), _way_of(route)
            ways = places.setdefault(shape, {})
            for method in methods_of(route):
                if method in ways:
                    raise Broken(f"{method} {route.path} has two routes: keep one")
                ways[method] = way
        self._by_length: dict[int, list[tuple[Shape, dict[str, Way]]]] = {}
        for shape, ways in sorted(places.items(), key=lambda place: [not segment for segment in place[0]]):
            self._by_length.setdefault(len(shape), []).append((shape, ways))

    def find(self, path: str) -> Place | None:
        """What stands at a path, None where nothing does."""
        asked = path.strip("/").split("/")
        for shape, ways in self._by_length.get(len(asked), ()):
            values = []
            for segment, given in zip(shape, asked, strict=True):
                if not segment and given:
                    values.append(given)
                elif segment != given:
                    break
            else:
                return Place(ways, tuple(values))
        return None


def check_declared(route: Route) -> None:
    """Raise Broken for a route without an access rule that means something: nothing is open by forgetting."""
    if route.access not in OPEN and route.access not in set(Right):
        known = ", ".join(sorted({*OPEN, *Right}))
        raise Broken(f"{route.path} declares no access rule ({route.access!r}): use one of {known}")


def methods_of(route: Route) -> tuple[str, ...]:
    """The methods a route answers: HEAD wherever it answers GET (RFC 9110 §9.3.2)."""
    heads = ("HEAD",) if "GET" in route.methods and "HEAD" not in route.methods else ()
    return (*route.methods, *heads)


def _shape_of(route: Route) -> Shape:
    return tuple("" if segment.startswith("{") else segment for segment in route.path.strip("/").split("/"))


def _way_of(route: Route) -> Way:
    names = tuple(segment[1:-1] for segment in route.path.strip("/").split("/") if segment.startswith("{"))
    known = frozenset(parameter.name for parameter in route.parameters)
    repeated = frozenset(one.name for one in route.parameters if one.schema.get("type") == "array")
    return Way(route, names, known, repeated)
