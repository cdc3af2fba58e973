// What the answer stands on: each fact with the words it has in each channel, and the claims and disclosures in it.

import { element } from "./dom.js";

/** Fill a section from the cards that have something to show. */
export function sources(section, cards) {
  const shown = cards.map((card) => [card.name, card.payload()]).filter(([, payload]) => payload);
  const facts = factRows(shown);
  const parts = [
    facts.length ? table(facts) : null,
    list("Claims", used(shown, "claims")),
    list("Disclosures", used(shown, "disclosures")),
  ].filter(Boolean);
  const title = element("h2", { id: "sources-title" }, "What it stands on");
  section.replaceChildren(...(parts.length ? [title, ...parts] : []));
  section.hidden = !parts.length;
}

function factRows(shown) {
  const rows = new Map();
  for (const [channel, payload] of shown) {
    for (const [key, fact] of Object.entries(payload.facts)) {
      const row = rows.get(key) ?? { key, version: fact.version, hash: fact.hash, texts: new Map() };
      const text = fact.text.replace(/[\u00a0\u202f]/g, " "); // a space that doesn't break is no other wording
      row.texts.set(text, [...(row.texts.get(text) ?? []), channel]);
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}

function table(rows) {
  return element(
    "div",
    { class: "facts" },
    element("h3", {}, "Facts"),
    ...rows.map((row) =>
      element(
        "dl",
        { "data-fact": row.key, tabindex: "0" },
        element("dt", {}, element("code", {}, row.key), version(row)),
        ...[...row.texts].map(([text, channels]) => element("dd", {}, element("span", { class: "said" }, text), element("span", { class: "where" }, channels.join(", ")))),
      ),
    ),
  );
}

function used(shown, field) {
  const rows = new Map();
  for (const [, payload] of shown) for (const one of payload[field]) rows.set(one.key, one); // the last is as written, not as spoken
  return [...rows.values()];
}

function list(title, rows) {
  if (!rows.length) return null;
  const items = rows.map((row) => element("li", {}, element("code", {}, row.key), version(row), row.text ? element("p", {}, row.text) : null));
  return element("div", { class: "uses" }, element("h3", {}, title), element("ul", {}, ...items));
}

function version(row) {
  return element("span", { class: "version" }, ` version ${row.version} · ${row.hash.slice(0, 8)}`);
}
