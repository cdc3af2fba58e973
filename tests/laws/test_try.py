import pytest
from tests.builders import *
pytestmark = pytest.mark.both_databases
async def test_a(house):
    await a_live_answer(house)
    assert await text(house) == "Your card is on its way."
    assert (await payload(house, "card-arrival", asked("voice")))["voice"]["options"]
