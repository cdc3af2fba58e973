// Chat, SMS and social networks: bubbles and posts, with what the network counts.

import { plain, shown } from "./dialects.js";
import { element, wayOn } from "./dom.js";

export function chat(payload, { question, follow }) {
  const parts = payload.parts.map((part) => element("li", { class: "theirs" }, shown(payload.markup.type, part)));
  const ask = payload.ask ? element("li", { class: "theirs" }, element("p", {}, payload.ask)) : null;
  const listed = payload.next.some((way) => way.key);
  const replies = payload.next.map((way) => wayOn(way, follow, { class: "reply" }, listed ? `${way.key}. ${way.label}` : way.label));
  return {
    figure: counted(payload.parts.length, "message"),
    nodes: [
      element("ol", { class: "bubbles" }, element("li", { class: "mine" }, element("p", {}, question)), ...parts, ask),
      replies.length ? element("div", { class: "replies", role: "group", "aria-label": "Quick replies" }, ...replies) : "",
    ].filter(Boolean),
  };
}

export function sms(payload, { question, lengths }) {
  return {
    figure: `${counted(payload.parts.length, "part")}, ${lengths.encoding.toUpperCase()}`,
    nodes: [
      element(
        "ol",
        { class: "bubbles texts" },
        element("li", { class: "mine" }, element("p", {}, question)),
        element("li", { class: "theirs" }, element("p", {}, plain(payload.text))),
      ),
      element("ol", { class: "meters", "aria-label": "Parts as the network sends them" }, ...lengths.parts.map((part, index) => meter(part, `Part ${index + 1}`))),
    ],
  };
}

export function social(payload, { lengths }) {
  const posts = payload.parts.map((part, index) =>
    element(
      "li",
      { class: "post" },
      element("span", { class: "face", "aria-hidden": "true" }),
      element("div", {}, element("p", { class: "by" }, "Your company ", element("span", {}, payload.profile)), element("p", {}, plain(part)), meter(lengths.parts[index] ?? [])),
    ),
  );
  return { figure: counted(posts.length, "post"), nodes: [element("ol", { class: "thread" }, ...posts)] };
}

const UNITS = {
  weighted: "weighted characters",
  graphemes: "graphemes",
  characters: "characters",
  utf16: "UTF-16 units",
  bytes: "bytes",
  septets: "septets",
  units: "UCS-2 units",
};

/** How full a part is; the bar shows the limit that is nearest. */
function meter(counts, label = "") {
  const told = counts.map(({ unit, length, limit }) => `${number(length)} of ${number(limit)} ${UNITS[unit] ?? unit}`);
  const share = Math.max(0, ...counts.map(({ length, limit }) => length / limit));
  const bar = element("span", { class: "bar", "aria-hidden": "true" }, element("span", {}));
  bar.firstChild.style.setProperty("inline-size", `${Math.min(100, share * 100)}%`);
  const words = [label, told.join(" · ")].filter(Boolean).join(": ");
  return element(label ? "li" : "div", { class: "meter" }, element("span", {}, words), bar);
}

function number(value) {
  return value.toLocaleString("en-GB");
}

function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
