// Voice as the transcript of a call: what is heard in which order, the keys to press, and the SSML behind it.

import { drawer, element, wayOn } from "./dom.js";

export function voice(payload, { question, follow }) {
  const call = payload.voice;
  const nodes = [
    element(
      "ol",
      { class: "call" },
      turn("Caller", element("p", {}, question)),
      ...call.segments.map((segment) => turn("Voice", ...spoken(segment))),
      call.options.length ? turn("Keys", keys(payload.next, follow)) : null,
    ),
    call.no_input.length || call.no_match.length ? drawer("If the caller says nothing, or something else", () => prompts(call)) : null,
    drawer("SSML", () => element("pre", {}, element("code", {}, payload.markup.body))),
  ];
  return { figure: `${Math.round(call.seconds)} seconds`, nodes: nodes.filter(Boolean) };
}

function turn(who, ...children) {
  return element("li", { class: who.toLowerCase() }, element("span", { class: "who" }, who), element("div", {}, ...children));
}

function spoken(segment) {
  const lines = segment.text.split("\n").filter(Boolean).map((line) => element("p", {}, line));
  return segment.barge_in ? lines : [...lines, element("p", { class: "aside" }, "Heard in full: it can't be interrupted.")];
}

function keys(ways, follow) {
  const rows = ways.map((way) =>
    element("li", {}, wayOn(way, follow, { class: "key", "aria-label": `Press ${way.key}: ${way.label}` }, way.key), element("span", {}, way.say)),
  );
  return element("ul", { class: "keys" }, ...rows);
}

function prompts(call) {
  const lines = (label, texts) => texts.map((text) => [element("dt", {}, label), element("dd", {}, text)]);
  return element("dl", { class: "prompts" }, ...lines("Nothing heard", call.no_input), ...lines("Not understood", call.no_match));
}
