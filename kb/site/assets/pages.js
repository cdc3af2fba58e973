// E-mail, the FAQ page and the agent's desktop: the longer forms, as their readers see them.

import { shown } from "./dialects.js";
import { anchor, drawer, element, wayOn } from "./dom.js";
import { letter } from "./letter.js";

export function email(payload) {
  const nodes = [
    element("div", { class: "envelope" }, element("p", { class: "subject" }, payload.email.subject), element("p", { class: "preheader" }, payload.email.preheader)),
    element("div", { class: "letter paper" }, letter(payload.markup.body)),
    drawer("Plain text twin", () => element("pre", { class: "wrapped" }, payload.text)),
  ];
  return { nodes };
}

export function faq(payload, { follow }) {
  const nodes = [
    element("h4", {}, payload.title),
    element("div", { class: "letter" }, letter(payload.markup.body)),
    further(payload, follow),
    drawer("JSON-LD", () => element("pre", {}, element("code", {}, JSON.stringify(payload.faq.json_ld, null, 2)))),
  ];
  return { nodes: nodes.filter(Boolean) };
}

export function agent(payload, { follow }) {
  const about = [payload.topic, payload.product, payload.stage && `${payload.stage} purchase`].filter(Boolean);
  const nodes = [
    element("div", { class: "record" }, element("h4", {}, payload.title), element("p", { class: "plainly" }, about.join(" · "))),
    element("div", { class: "letter" }, shown(payload.markup.type, payload.markup.body)),
    payload.ask ? element("p", { class: "aside" }, `Ask: ${payload.ask}`) : null,
    further(payload, follow),
    payload.staff ? staff(payload.staff) : element("p", { class: "aside" }, "Steps, notes and checks are for staff: this page reads what is public."),
  ];
  return { nodes: nodes.filter(Boolean) };
}

/** Links and ways on under a text. */
function further(payload, follow) {
  const links = payload.links.map((link) => anchor(link.url, link.label));
  const addresses = new Set(payload.links.map((link) => `link:${link.url}`));
  const ways = payload.next.filter((way) => !addresses.has(way.to)).map((way) => wayOn(way, follow, { class: "way" }, way.label));
  const items = [...links, ...ways].map((one) => element("li", {}, one));
  return items.length ? element("ul", { class: "further" }, ...items) : null;
}

function staff(part) {
  const steps = (part.steps ?? []).map((step) => element("li", {}, shown("markdown", step)));
  const never = (part.do_not_say ?? []).map((phrase) => element("li", {}, shown("markdown", phrase)));
  return element(
    "div",
    { class: "staff" },
    steps.length ? element("ol", {}, ...steps) : null,
    part.notes ? shown("markdown", part.notes) : null,
    part.identity_check ? shown("markdown", part.identity_check) : null,
    never.length ? [element("h5", {}, "Don't say"), element("ul", {}, ...never)] : null,
  );
}
