// The frame around one channel: its name, its profiles, what it shows, and how to fetch the same.

import { entryPath, read } from "./api.js";
import { copier, element } from "./dom.js";
import { mark } from "./marks.js";
import { chat, sms, social } from "./messages.js";
import { agent, email, faq } from "./pages.js";
import { voice } from "./phone.js";

const STAGES = { voice, chat, social, sms, email, faq, agent };
const NAMES = { voice: "Voice", chat: "Chat", social: "Social", sms: "SMS", email: "E-mail", faq: "FAQ page", agent: "Agent desktop" };
const MEASURED = new Set(["social", "sms"]);

/**
 * A card for a channel (`{name, profiles}`). `show` takes `{question, key, locale}` and resolves to the payload, or null
 * where this channel says nothing; `changed` is told when another profile is shown; `follow` gets a way on that was taken.
 */
export function card(channel, { changed, follow }) {
  const title = element("h3", { id: `card-${channel.name}` }, NAMES[channel.name] ?? channel.name);
  const figure = element("span", { class: "figure" });
  const profile = profiles(channel);
  const stage = element("div", { class: "stage" });
  const foot = element("footer");
  const node = element(
    "article",
    { id: channel.name, class: "card", "data-channel": channel.name, "aria-labelledby": title.id },
    element("header", {}, title, figure, profile),
    stage,
    foot,
  );
  const place = { channel: channel.name, node, figure, profile, stage, foot, follow };
  let showing = new AbortController();
  let asked = null;
  let payload = null;

  const show = async (question) => {
    asked = question;
    showing.abort();
    showing = new AbortController();
    node.setAttribute("aria-busy", "true");
    const found = await load(place, asked, showing.signal);
    if (found !== undefined) payload = found;
    return payload;
  };
  profile.addEventListener("change", async () => {
    if (asked) await show(asked);
    changed();
  });
  return { node, show, name: NAMES[channel.name], payload: () => payload };
}

function profiles(channel) {
  const options = channel.profiles.map((name) => element("option", { value: name }, name));
  const label = `${NAMES[channel.name]}: profile`;
  return element("select", { "aria-label": label, disabled: options.length < 2 }, ...options);
}

/** Fetch and build; undefined when a newer question has come in between. */
async function load(place, asked, signal) {
  const { channel, node, profile } = place;
  const wanted = [channel, profile.value, asked.key, asked.locale, signal];
  try {
    const [payload, lengths] = await Promise.all([read.entry(...wanted), MEASURED.has(channel) && read.lengths(...wanted)]);
    if (signal.aborted) return undefined;
    fill(place, payload, { question: asked.question, lengths, follow: place.follow });
    return payload;
  } catch (error) {
    if (signal.aborted) return undefined;
    empty(place, error);
    return null;
  } finally {
    if (!signal.aborted) node.removeAttribute("aria-busy");
  }
}

function fill({ channel, stage, figure, foot, profile }, payload, context) {
  const shown = STAGES[channel](payload, context);
  figure.textContent = shown.figure ?? "";
  stage.lang = payload.locale;
  stage.replaceChildren(...shown.nodes);
  mark(stage, payload.facts);
  foot.replaceChildren(standing(payload), curl(entryPath(channel, profile.value, payload.key, payload.locale)));
}

function empty({ stage, figure, foot }, error) {
  figure.textContent = "";
  stage.removeAttribute("lang");
  stage.replaceChildren(element("p", { class: "notice" }, error.status === 404 ? "Nothing live for this channel." : error.message));
  foot.replaceChildren();
}

function standing(payload) {
  return element(
    "p",
    { class: "standing" },
    element("span", { class: `trust ${payload.trust}`, title: `Verified ${payload.verified_at}` }, payload.trust),
    element(
      "span",
      { title: `Rendition ${payload.rendition}, live since position ${payload.position}` },
      "rendition ",
      element("code", {}, payload.rendition.slice(0, 8)),
    ),
  );
}

function curl(path) {
  const command = `curl '${location.origin}${path}'`;
  return element("div", { class: "curl" }, element("code", { tabindex: "0" }, command), copier(command, `Copy the curl for ${path}`));
}
