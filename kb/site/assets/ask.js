// The ask page: a question in, the approved answer out, in every channel at once.

import { read } from "./api.js";
import { card } from "./card.js";
import { element } from "./dom.js";
import { mark, watch } from "./marks.js";
import { sources } from "./sources.js";
import { suggest } from "./suggest.js";

const at = (id) => document.getElementById(id);
const form = at("ask");
const field = at("question");
const locale = at("locale");
const answer = at("answer");

const SAID = { handover: "say-handover", callback: "say-handover", end: "say-goodbye" };
const EXAMPLES = 6;
const ORDER = ["voice", "social", "sms", "chat", "email", "faq", "agent"]; // first what is short, then what is whole

let cards = [];
let turn = 0;
let shownAddress = "";

start().catch((error) => trouble(error.message));

async function start() {
  watch(at("tip"));
  const house = await read.house();
  locale.replaceChildren(...house.locales.map(({ code, name }) => element("option", { value: code }, name)));
  locale.disabled = house.locales.length < 2;
  at("version").textContent = `kb ${house.version}`;
  const channels = house.channels.toSorted((one, other) => ORDER.indexOf(one.name) - ORDER.indexOf(other.name));
  cards = channels.map((channel) => card(channel, { changed: () => sources(at("sources"), cards), follow }));
  at("channels").replaceChildren(...cards.map((one) => one.node));

  const list = suggest(field, at("suggestions"), () => locale.value, (item) => go({ question: item.text, key: item.key }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.close();
    const question = field.value.trim();
    if (question) go({ question });
  });
  locale.addEventListener("change", () => {
    const asked = fromAddress();
    if (asked.question || asked.key) go(asked);
    examples();
  });
  addEventListener("popstate", () => {
    if (location.search !== shownAddress) show(returned()); // else only the place on the page is another
  });
  const first = returned();
  examples();
  if (first.question || first.key) await show(first);
  else field.focus();
}

// ---- the address -----------------------------------------------------------------------------------------------------

/** What the address asks: `q` in the customer's words, `key` where the entry is chosen already. */
function fromAddress() {
  const query = new URLSearchParams(location.search);
  return { question: (query.get("q") ?? "").slice(0, 500), key: query.get("key") ?? "" };
}

/** The same on arriving at an address, whose language the page then takes on. */
function returned() {
  const wanted = new URLSearchParams(location.search).get("locale");
  if ([...locale.options].some((option) => option.value === wanted)) locale.value = wanted;
  return fromAddress();
}

function go({ question, key = "" }) {
  const query = new URLSearchParams({ q: question, ...(key && { key }), locale: locale.value });
  history.pushState(null, "", `/?${query}`);
  return show({ question, key });
}

/** A way on that was taken: the entry it leads to, or the signed text for the rest. */
function follow(way) {
  const [kind, ...where] = way.to.split(":");
  const key = kind === "entry" ? where.join(":") : SAID[kind];
  go({ question: way.label, key });
  answer.focus({ preventScroll: true });
  answer.scrollIntoView({ block: "start" });
}

// ---- the answer ------------------------------------------------------------------------------------------------------

async function show({ question, key }) {
  const mine = ++turn;
  shownAddress = location.search;
  field.value = question;
  document.title = question ? `${question} · kb` : "kb: one approved answer in every channel";
  document.documentElement.classList.toggle("asked", Boolean(question || key));
  if (!question && !key) {
    answer.hidden = true;
    return;
  }
  try {
    const match = key ? { outcome: "chosen" } : await read.match(question, locale.value);
    if (mine !== turn) return;
    const found = key || match.answer?.key || (match.outcome === "no_answer" && match.say?.key);
    await fill(mine, question, match, found);
  } catch (error) {
    if (mine === turn) trouble(error.message);
  }
}

/** Show what was found in all channels; where there is a choice to make, the choice. */
async function fill(mine, question, match, key) {
  if (!key) {
    choice(question, match);
    return;
  }
  const asked = { question: question || key, key, locale: locale.value };
  const payloads = (await Promise.all(cards.map((one) => one.show(asked)))).filter(Boolean);
  if (mine !== turn) return;
  at("verdict").replaceChildren(...verdict(question, match, key, payloads[0]));
  at("channels").hidden = !payloads.length;
  sources(at("sources"), cards);
  answer.hidden = false;
  const outcome = match.outcome === "no_answer" ? "No approved answer" : payloads[0]?.title;
  say(payloads.length ? `${outcome}: shown in ${payloads.length} channels.` : "Nothing is live under this key.");
}

function verdict(question, match, key, payload) {
  if (!payload) return [heard(question), element("h2", {}, "Nothing is live under ", element("code", {}, key))];
  const unanswered = match.outcome === "no_answer";
  const note = [
    unanswered && "Each channel then says this signed text.",
    payload.locale !== locale.value && `Nothing is live in ${locale.value}; the house falls back to ${payload.locale}.`,
  ].filter(Boolean);
  return [
    heard(question),
    unanswered ? element("h2", {}, "No approved answer fits") : element("h2", { lang: payload.locale }, payload.title),
    element(
      "ul",
      { class: "proof", "aria-label": "Provenance" },
      element("li", {}, element("span", { class: `trust ${payload.trust}` }, payload.trust)),
      element("li", {}, element("code", {}, payload.key)),
      element("li", {}, `version ${payload.version}`),
      element("li", { title: payload.hash }, "signed as ", element("code", {}, payload.hash.slice(0, 8))),
      element("li", {}, payload.locale),
      element("li", { title: "Where in the journal this text went live" }, `position ${payload.position}`),
      match.outcome === "answered" ? element("li", {}, `${Math.round(match.confidence * 100)} % sure`) : null,
    ),
    ...note.map((text) => element("p", { class: "note" }, text)),
    jumps(),
  ];
}

/** On a phone, where the cards stand below each other. */
function jumps() {
  const links = cards.filter((one) => one.payload()).map((one) => element("a", { href: `#${one.node.id}` }, one.name));
  return element("nav", { class: "jump", "aria-label": "Channels" }, ...links);
}

function heard(question) {
  return question ? element("p", { class: "heard" }, `“${question}”`) : "";
}

function choice(question, match) {
  const options = (match.options ?? []).map((option) => {
    const chosen = () => {
      go({ question, key: option.key });
      answer.focus({ preventScroll: true });
    };
    return element("li", {}, element("button", { type: "button", onclick: chosen }, element("strong", {}, option.title), element("span", {}, option.text)));
  });
  const said = match.say?.text ?? (match.outcome === "unsure" ? "More than one answer fits." : "No approved answer fits.");
  at("verdict").replaceChildren(
    heard(question),
    element("h2", { lang: match.say?.locale }, said),
    element("ul", { class: "options", lang: match.locale }, ...options),
  );
  mark(at("verdict"), {});
  at("channels").hidden = true;
  at("sources").hidden = true;
  answer.hidden = false;
  say(`${said} ${options.length} to choose from.`);
}

function say(text) {
  at("status").textContent = text;
}

function trouble(message) {
  at("verdict").replaceChildren(element("p", { class: "notice", role: "alert" }, message));
  at("channels").hidden = true;
  at("sources").hidden = true;
  answer.hidden = false;
}

// ---- examples --------------------------------------------------------------------------------------------------------

/** Some live questions of as many topics as there are; the button shows the next ones. */
async function examples() {
  const asked = locale.value;
  const { items } = await read.titles(asked).catch(() => ({ items: [] }));
  if (asked !== locale.value) return;
  const questions = spread(items.filter((item) => !item.key.startsWith("say-")));
  const [list, more] = [at("examples").querySelector("ul"), at("examples").querySelector("button")];
  let from = 0;
  const paint = () => {
    const some = Array.from({ length: Math.min(EXAMPLES, questions.length) }, (_, index) => questions[(from + index) % questions.length]);
    list.replaceChildren(...some.map(example));
  };
  more.onclick = () => {
    from += EXAMPLES;
    paint();
  };
  more.hidden = questions.length <= EXAMPLES;
  at("examples").hidden = !questions.length;
  paint();
}

function example(item) {
  const press = () => go({ question: item.title, key: item.key });
  return element("li", { lang: item.locale }, element("button", { type: "button", onclick: press }, item.title));
}

/** One of each topic in turn. */
function spread(items) {
  const topics = new Map();
  for (const item of items) topics.set(item.topic, [...(topics.get(item.topic) ?? []), item]);
  const rows = [...topics.values()];
  const longest = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: longest }, (_, index) => rows.map((row) => row[index]).filter(Boolean)).flat();
}
