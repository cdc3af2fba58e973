"""What a client feels on one connection: nothing waits for anything but the work."""

from statistics import median
from time import perf_counter

from tests.doors.program import Server


def test_answers_on_one_connection_do_not_wait_for_its_acknowledgements(server: Server) -> None:
    """Head and body are two writes: with Nagle's algorithm on, each answer takes the client's 40 ms of delayed ACK."""
    taken = []
    for _ in range(21):
        began = perf_counter()
        server.get("/v1/channels/chat/entries/refund")
        taken.append(perf_counter() - began)
    assert median(taken) < 0.025
