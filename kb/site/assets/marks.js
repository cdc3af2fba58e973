// Facts in a rendition, found where they are said: marked, named on hover and focus, and lit together in all channels.

import { element } from "./dom.js";

const RANGE = /(\d+[–-]\d+)/; // isn't broken across lines
const SLOT = /\{\{slot:([^{}]+)\}\}/g;

/** Mark each fact's words and each slot below a node. */
export function mark(root, facts) {
  const keys = keysByText(facts);
  const pattern = patternOf([...keys.keys()]);
  for (const node of textNodes(root)) {
    const pieces = split(node.data, pattern, keys, facts);
    if (pieces) node.replaceWith(...pieces);
  }
  for (const link of root.querySelectorAll("a[href]")) {
    const leading = Object.keys(facts).filter((key) => leads(facts[key], link.getAttribute("href")));
    if (leading.length && !link.querySelector("mark") && !link.closest(".key")) {
      const inside = marked(leading, facts);
      inside.append(...link.childNodes);
      link.append(inside);
    }
  }
}

/** Show what a fact is wherever the pointer or the focus meets one. */
export function watch(tip) {
  const meet = (event) => {
    const fact = event.target.closest?.("[data-fact]");
    if (fact) show(fact, tip);
  };
  const leave = (event) => {
    if (event.target.closest?.("[data-fact]")) hide(tip);
  };
  document.addEventListener("pointerover", meet);
  document.addEventListener("focusin", meet);
  document.addEventListener("pointerout", leave);
  document.addEventListener("focusout", leave);
  const moved = () => {
    const focused = document.activeElement?.closest("[data-fact]");
    if (focused && !tip.hidden) show(focused, tip); // the focus itself may have scrolled the page
    else hide(tip);
  };
  document.addEventListener("scroll", moved, { passive: true, capture: true });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide(tip));
}

function show(fact, tip) {
  const keys = fact.dataset.fact.split(" ");
  light(keys);
  if (!fact.dataset.told) return;
  tip.replaceChildren(...fact.dataset.told.split("\n").map((line) => element("span", {}, line)));
  tip.hidden = false;
  fact.setAttribute("aria-describedby", tip.id);
  const place = fact.getClientRects()[0] ?? fact.getBoundingClientRect();
  const left = Math.max(8, Math.min(place.left, innerWidth - tip.offsetWidth - 8));
  const above = place.top - tip.offsetHeight - 8;
  tip.style.setProperty("left", `${left}px`);
  tip.style.setProperty("top", `${above > 8 ? above : place.bottom + 8}px`);
}

function hide(tip) {
  tip.hidden = true;
  light([]);
  for (const fact of document.querySelectorAll(`[aria-describedby="${tip.id}"]`)) fact.removeAttribute("aria-describedby");
}

function light(keys) {
  for (const fact of document.querySelectorAll("[data-fact]")) {
    const shared = fact.dataset.fact.split(" ").some((key) => keys.includes(key));
    fact.classList.toggle("lit", shared);
  }
}

// ---- finding --------------------------------------------------------------------------------------------------------

function keysByText(facts) {
  const keys = new Map();
  for (const [key, fact] of Object.entries(facts)) {
    const said = spaced(fact.text);
    for (const text of new Set([said, capital(said)])) if (text) keys.set(text, [...(keys.get(text) ?? []), key]);
  }
  return keys;
}

/** A space that doesn't break is a space. */
function spaced(text) {
  return text.replace(/\s/g, " ");
}

/** As it stands at the beginning of a sentence. */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Longest first, and whole words only: a 5 isn't found in 15. */
function patternOf(texts) {
  const words = texts
    .sort((one, other) => other.length - one.length)
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(" ", "\\s"));
  const said = words.length ? `(?<![\\p{L}\\p{N}])(?:${words.join("|")})(?![\\p{L}\\p{N}])|` : "";
  return new RegExp(said + SLOT.source, "gu");
}

function split(text, pattern, keys, facts) {
  const pieces = [];
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    pieces.push(text.slice(end, found.index));
    if (found[1]) pieces.push(element("span", { class: "slot", title: "Filled when it is sent" }, found[1]));
    else pieces.push(marked(keys.get(spaced(found[0])), facts, found[0]));
    end = found.index + found[0].length;
  }
  return pieces.length ? [...pieces, text.slice(end)].filter((piece) => piece !== "") : null;
}

function marked(keys, facts, text = "") {
  const told = keys.map((key) => `${key} · version ${facts[key].version} · ${facts[key].hash.slice(0, 8)}`).join("\n");
  const words = text.split(RANGE).map((piece, index) => (index % 2 ? element("span", { class: "whole" }, piece) : piece));
  return element("mark", { tabindex: "0", "data-fact": keys.join(" "), "data-told": told }, ...words);
}

function leads(fact, href) {
  const { value } = fact.value;
  return [value, `tel:${value}`, `mailto:${value}`].includes(href);
}

function textNodes(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement?.closest("mark, pre, .plainly")) nodes.push(walker.currentNode);
  return nodes;
}
