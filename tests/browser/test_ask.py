"""The ask page in a real browser, on a real server, by mouse and by keyboard, wide and narrow."""

import re
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Opens

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHANNELS = {"voice", "chat", "social", "sms", "email", "faq", "agent"}
ARRIVAL = "/?q=when+will+my+card+come&locale=en-GB"
CHOSEN = "/?q=My+card+is+late&key=card-arrival&locale=en-GB"


async def test_a_question_is_answered_in_all_seven_channels(opens: Opens) -> None:
    page = await opens()
    await page.get_by_label("What would a customer ask?").fill("when will my card come")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await expect(page.get_by_role("heading", level=2, name="Where is my card?")).to_be_visible()
    assert await channels_of(page) == CHANNELS
    for channel in CHANNELS:
        await expect(page.locator(f"#{channel} .stage")).to_contain_text("Your card arrives within")
    assert "q=when+will+my+card+come" in page.url


async def test_each_channel_shows_the_fact_in_its_own_words_and_marks_it(opens: Opens) -> None:
    page = await opens(CHOSEN)
    said = {}
    for channel in CHANNELS:
        mark = page.locator(f'#{channel} mark[data-fact="card.delivery"]').first
        said[channel] = " ".join((await mark.inner_text()).split())
    assert said.pop("voice") == "five to seven working days"
    assert said.pop("sms") == "5-7 working days"
    assert set(said.values()) == {"5–7 working days"}


async def test_a_fact_under_the_pointer_is_named_and_lit_in_all_channels(opens: Opens) -> None:
    page = await opens(CHOSEN)
    await page.locator('#sms mark[data-fact="card.delivery"]').first.hover()
    await expect(page.get_by_role("tooltip")).to_have_text(re.compile(r"card\.delivery · version 1 · [0-9a-f]{8}"))
    await expect(page.locator('#voice mark[data-fact="card.delivery"]')).to_have_class("lit")
    await page.mouse.move(0, 0)
    await expect(page.get_by_role("tooltip")).to_be_hidden()


async def test_a_fact_that_the_focus_scrolled_to_is_still_named(opens: Opens) -> None:
    page = await opens(CHOSEN, 390)
    await page.locator("#agent mark").last.focus()
    await expect(page.locator("#agent mark").last).to_be_in_viewport()
    await page.wait_for_timeout(100)
    await expect(page.get_by_role("tooltip")).to_be_visible()


async def test_a_fact_is_marked_however_its_spaces_break(opens: Opens) -> None:
    page = await opens(CHOSEN)
    marks = page.locator('#email mark[data-fact="card.delivery"]')
    assert await marks.count() == 2
    assert await page.locator("#email .preheader mark").count() == 1


async def test_a_link_to_a_fact_is_marked_like_its_words(opens: Opens) -> None:
    page = await opens(CHOSEN)
    await expect(page.locator('#chat .reply:has(mark[data-fact="tracking"])')).to_have_text("Track my card")


async def test_what_the_answer_stands_on_is_listed_once(opens: Opens) -> None:
    page = await opens(CHOSEN)
    sources = page.get_by_role("region", name="What it stands on")
    await expect(sources.locator('dl[data-fact="card.delivery"]')).to_have_count(1)
    for key in ("free-delivery", "capital"):
        await expect(sources.get_by_text(key, exact=True)).to_have_count(1)
    await expect(sources).to_contain_text("Your capital is at risk.")


async def test_voice_is_a_call_with_keys_and_ssml_behind_a_toggle(opens: Opens) -> None:
    page = await opens(CHOSEN)
    voice = page.locator("#voice")
    await expect(voice).to_contain_text("To track your card, press one.")
    await expect(voice).to_contain_text("it can't be interrupted")
    await expect(voice.locator("pre")).to_have_count(0)
    await voice.get_by_text("SSML", exact=True).click()
    await expect(voice.locator("pre")).to_contain_text("<speak>")


async def test_the_page_block_has_its_json_ld_behind_a_toggle(opens: Opens) -> None:
    page = await opens(CHOSEN)
    await page.locator("#faq").get_by_text("JSON-LD", exact=True).click()
    await expect(page.locator("#faq pre")).to_contain_text('"@type": "FAQPage"')


async def test_a_quick_reply_leads_on_to_its_entry(opens: Opens) -> None:
    page = await opens(CHOSEN)
    await page.locator("#chat").get_by_role("button", name="It was stolen").click()
    await expect(page.get_by_role("heading", level=2, name="My card was stolen. What now?")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", level=2, name="Where is my card?")).to_be_visible()


async def test_a_jump_to_a_channel_stays_with_the_answer(opens: Opens) -> None:
    page = await opens(CHOSEN, 390)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    await page.get_by_role("navigation", name="Channels").get_by_role("link", name="E-mail").click()
    await expect(page.locator("#email")).to_be_in_viewport()
    assert asked == []


@pytest.mark.parametrize(
    ("network", "unit"), [("x", "weighted characters"), ("bluesky", "graphemes"), ("linkedin", "UTF-16 units")]
)
async def test_a_post_is_counted_as_its_network_counts(opens: Opens, network: str, unit: str) -> None:
    page = await opens(CHOSEN)
    await page.get_by_label("Social: profile").select_option(network)
    await expect(page.locator("#social .by span")).to_have_text(network)
    await expect(page.locator("#social .meter").first).to_contain_text(unit)


@pytest.mark.parametrize("profile", ["core", "whatsapp", "messenger", "slack"])
async def test_each_widget_shows_its_markup_and_none_of_its_signs(opens: Opens, profile: str) -> None:
    page = await opens(CHOSEN)
    await page.get_by_label("Chat: profile").select_option(profile)
    await expect(page.locator("#chat[aria-busy]")).to_have_count(0)
    shown = " ".join(await page.locator("#chat .bubbles .theirs").all_inner_texts())
    assert "Open Cards & look for" in shown
    assert not re.search(r"[*_\\\[\]<>\u2060]|&amp;", shown)
    assert await page.locator("#chat strong").count() == (0 if profile == "messenger" else 1)


async def test_the_mail_keeps_its_looks_under_a_policy_without_inline_styles(opens: Opens) -> None:
    page = await opens(CHOSEN)
    paragraph = page.locator("#email .letter p").first
    assert await paragraph.evaluate("node => getComputedStyle(node).color") == "rgb(29, 39, 51)"


async def test_an_unsure_question_gets_the_signed_text_and_a_choice(opens: Opens) -> None:
    page = await opens("/?q=card&locale=en-GB")
    await expect(page.get_by_role("heading", level=2, name="Which of these do you mean?")).to_be_visible()
    await expect(page.locator("#channels")).to_be_hidden()
    await page.locator(".options").get_by_role("button", name="My card was stolen").click()
    await expect(page.get_by_role("heading", level=2, name="My card was stolen. What now?")).to_be_visible()
    assert await channels_of(page) == CHANNELS


async def test_a_question_without_an_answer_gets_the_signed_text_in_every_channel(opens: Opens) -> None:
    page = await opens("/?q=purple+elephants+dancing&locale=en-GB")
    await expect(page.get_by_role("heading", level=2, name="No approved answer fits")).to_be_visible()
    for channel in CHANNELS:
        await expect(page.locator(f"#{channel} .stage")).to_contain_text("We have no answer to that yet.")


async def test_another_language_says_the_same_and_where_there_is_none_the_page_says_so(opens: Opens) -> None:
    page = await opens("/?q=stolen&key=lost-card&locale=en-GB")
    await page.get_by_label("Language").select_option("es-ES")
    await expect(page.get_by_role("heading", level=2)).to_have_text(
        ["Me han robado la tarjeta. ¿Qué hago?", "What it stands on"]
    )
    assert await page.locator("#chat .stage").get_attribute("lang") == "es-ES"
    assert "locale=es-ES" in page.url
    await page.goto("/?key=card-arrival&locale=es-ES")
    await expect(page.get_by_text("Nothing is live in es-ES; the house falls back to en-GB.")).to_be_visible()


async def test_the_examples_are_live_questions(opens: Opens) -> None:
    page = await opens()
    examples = page.get_by_role("list", name="For example").get_by_role("button")
    assert set(await examples.all_inner_texts()) == {"Where is my card?", "My card was stolen. What now?"}
    await examples.filter(has_text="stolen").click()
    await expect(page.get_by_role("heading", level=2, name="My card was stolen. What now?")).to_be_visible()


async def test_the_copied_curl_fetches_the_very_rendition_that_is_shown(opens: Opens) -> None:
    page = await opens(CHOSEN)
    await page.get_by_label("Social: profile").select_option("bluesky")
    await expect(page.locator("#social .by span")).to_have_text("bluesky")
    await page.locator("#social").get_by_role("button", name="Copy the curl").click()
    copied = re.fullmatch(r"curl '(http://[^']+)'", await page.evaluate("navigator.clipboard.readText()"))
    assert copied
    async with httpx.AsyncClient() as client:
        payload = (await client.get(copied[1])).json()
    assert payload["profile"] == "bluesky"
    await expect(page.locator("#social .standing code")).to_have_text(payload["rendition"][:8])


async def test_everything_can_be_done_with_the_keyboard_alone(opens: Opens) -> None:
    page = await opens()
    await page.keyboard.type("my card is l")
    options = page.get_by_role("listbox").get_by_role("option")
    await expect(options.first).to_be_visible()
    field = page.get_by_role("combobox", name="What would a customer ask?")
    await page.keyboard.press("ArrowDown")
    await expect(field).to_have_attribute("aria-activedescendant", "suggestion-0")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=2, name="My card was stolen. What now?")).to_be_visible()
    await expect(page.get_by_role("listbox")).to_be_hidden()
    assert await tab_to(page, "mark")
    await expect(page.get_by_role("tooltip")).to_contain_text("phone · version 1")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("tooltip")).to_be_hidden()
    assert await tab_to(page, ".copy")
    await page.keyboard.press("Enter")
    assert (await page.evaluate("navigator.clipboard.readText()")).startswith("curl 'http://127.0.0.1:")


async def test_the_outcome_is_told_to_those_who_listen(opens: Opens) -> None:
    page = await opens(ARRIVAL)
    await expect(page.get_by_role("status")).to_have_text("Where is my card?: shown in 7 channels.")


async def test_words_of_a_customer_never_become_markup(opens: Opens) -> None:
    page = await opens("/?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E&key=card-arrival")
    await expect(page.locator("#chat .mine")).to_have_text("<img src=x onerror=alert(1)>")
    assert await page.locator("img, iframe, script:not([src])").count() == 0


@pytest.mark.parametrize("path", ["/", CHOSEN, "/?q=card", "/?q=purple+elephants+dancing"])
@pytest.mark.parametrize("width", [360, 820, 1280])
async def test_nothing_runs_over_the_edge(opens: Opens, path: str, width: int) -> None:
    page = await opens(path, width)
    wide = "[...document.querySelectorAll('main *')].filter(node => !node.closest('pre, .curl, .unseen')"
    over = f"{wide} && node.getBoundingClientRect().right > innerWidth + .5).map(node => node.outerHTML.slice(0, 80))"
    assert await page.evaluate(over) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_stand_out_from_what_is_behind_them(opens: Opens, scheme: str) -> None:
    page = await opens(CHOSEN, scheme=scheme)
    for place in (
        "h1",
        ".heard",
        ".proof",
        ".trust",
        "#chat .mine p",
        "#chat .theirs p",
        "mark",
        ".reply",
        ".figure",
        ".meter",
        ".aside",
    ):
        colours = await page.locator(place).first.evaluate(COLOURS)
        assert contrast(*colours) >= 4.5, place


COLOURS = """node => {
  const behind = (one) => {
    const colour = getComputedStyle(one).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" && one.parentElement ? behind(one.parentElement) : colour;
  };
  return [getComputedStyle(node).color, behind(node)].map((colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number));
}"""


def contrast(one: list[float], other: list[float]) -> float:
    """The ratio of WCAG 2.2 §1.4.3."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: list[float]) -> float:
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


async def channels_of(page: Page) -> set[Any]:
    """The channels whose cards can be seen."""
    cards = page.locator("article:visible")
    return {await card.get_attribute("data-channel") for card in await cards.all()}


async def tab_to(page: Page, selector: str) -> bool:
    """Press Tab until something of a kind has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return True
    return False
