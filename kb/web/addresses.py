"""Whose request it is as the network tells: the peer's address, or the one a trusted proxy vouches for."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from kb.base.errors import Invalid

Networks = tuple[IPv4Network | IPv6Network, ...]
UNKNOWN = "unknown"
"""The address of a peer that has none, as one at a local socket."""
SITE = 64
"""Bits of an IPv6 address that one customer of a network shares (RFC 6177): their addresses count as one."""


def networks_of(proxies: Sequence[str]) -> Networks:
    """Trusted proxies as networks, each an address or a range (`10.0.0.0/8`); Invalid for anything else."""
    try:
        return tuple(ip_network(one.strip(), strict=False) for one in proxies if one.strip())
    except ValueError as error:
        raise Invalid(f"KB_TRUSTED_PROXIES is wrong: {error}; list addresses or ranges like 10.0.0.0/8") from error


def address_of(peer: str, forwarded: Sequence[str], trusted: Networks) -> str:
    """The client's address: the last one in X-Forwarded-For, read from its end, that is no trusted proxy itself.

    What an untrusted peer says of others is not read. `forwarded` are the values of the header, in order.
    """
    if not trusted or not _is_in(peer, trusted):
        return peer or UNKNOWN
    hops = [hop.strip() for value in forwarded for hop in value.split(",")]
    for hop in reversed(hops):
        if _parsed(hop) is None:
            return peer
        if not _is_in(hop, trusted):
            return hop
    return peer


def group_of(address: str) -> str:
    """What is counted as one caller: an IPv4 address, or the /64 of an IPv6 address."""
    parsed = _parsed(address)
    if parsed is None or isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped or ip_network((parsed, SITE), strict=False))


def _is_in(address: str, networks: Networks) -> bool:
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return parsed is not None and any(parsed in network for network in networks)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None
