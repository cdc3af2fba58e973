// The written forms of chat (kb/channels/dialects.py) as nodes: just what our renderers write, nothing else.

import { anchor, element } from "./dom.js";

const JOINER = /\u2060/g;

/** A text in one of the markups, as a reader of that widget sees it. */
export function shown(type, body) {
  const fragment = document.createDocumentFragment();
  if (type === "markdown") fragment.append(...blocks(body.split("\n")));
  else fragment.append(...body.split("\n\n").map((one) => element("p", {}, ...inline(type, one))));
  return fragment;
}

/** Plain text, with the addresses in it as links, as phones and networks show them. */
export function plain(text) {
  const fragment = document.createDocumentFragment();
  fragment.append(...inline("plain", text));
  return fragment;
}

// ---- inside a line --------------------------------------------------------------------------------------------------

const RULES = {
  markdown: [
    [/^\\\n/, () => element("br")],
    [/^\\(.)/s, (found) => found[1]],
    [/^(`+)( ?)(.+?)\2\1(?!`)/s, (found) => element("code", {}, found[3])],
    [/^\*\*((?:\\.|[^\\])+?)\*\*/s, (found) => element("strong", {}, ...inline("markdown", found[1]))],
    [/^\*((?:\\.|[^\\*])+?)\*/s, (found) => element("em", {}, ...inline("markdown", found[1]))],
    [/^\[((?:\\.|[^\]\\])*)\]\(([^)\s]*)\)/s, (found) => anchor(found[2], ...inline("markdown", found[1]))],
    [/^<((?:https|tel|mailto):[^>\s]+)>/, (found) => anchor(found[1], found[1])],
  ],
  whatsapp: [
    [/^\*(\S(?:[^*]*\S)?)\*/, (found) => element("strong", {}, ...inline("whatsapp", found[1]))],
    [/^_(\S(?:[^_]*\S)?)_(?!\w)/, (found) => element("em", {}, ...inline("whatsapp", found[1]))],
  ],
  mrkdwn: [
    [/^<([^>|]+)\|([^>]*)>/, (found) => anchor(unescaped(found[1]), ...inline("mrkdwn", found[2]))],
    [/^<([^>|]+)>/, (found) => anchor(unescaped(found[1]), unescaped(found[1]))],
    [/^&(amp|lt|gt);/, (found) => unescaped(found[0])],
    [/^\*(\S(?:[^*]*\S)?)\*/, (found) => element("strong", {}, ...inline("mrkdwn", found[1]))],
    [/^_(\S(?:[^_]*\S)?)_(?!\w)/, (found) => element("em", {}, ...inline("mrkdwn", found[1]))],
  ],
  plain: [],
};
const ADDRESS = /^https:\/\/[^\s<>]*[^\s<>.,;:!?)\]}'"»”’]/;

function inline(type, text) {
  const rules = type === "markdown" ? RULES.markdown : [...RULES[type], [ADDRESS, (found) => anchor(found[0], found[0])]];
  const nodes = [];
  let rest = text;
  let words = "";
  while (rest) {
    const taken = first(rules, rest);
    if (!taken) {
      words += rest[0];
      rest = rest.slice(1);
      continue;
    }
    nodes.push(words.replace(JOINER, ""), taken.node);
    words = "";
    rest = rest.slice(taken.length);
  }
  nodes.push(words.replace(JOINER, ""));
  return nodes.filter((node) => node !== "");
}

function first(rules, rest) {
  for (const [pattern, build] of rules) {
    const found = pattern.exec(rest);
    if (found) return { node: build(found), length: found[0].length };
  }
  return null;
}

function unescaped(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

// ---- blocks of Markdown ---------------------------------------------------------------------------------------------

const ITEM = /^(- |\d+\. )(.*)$/s;
const HEADING = /^(#{1,6}) (.*)$/s;

function blocks(lines) {
  const built = [];
  let index = 0;
  while (index < lines.length) {
    const start = index;
    const heading = HEADING.exec(lines[index]);
    if (!lines[index].trim()) {
      index += 1;
    } else if (heading) {
      built.push(element("h5", {}, ...inline("markdown", heading[2])));
      index += 1;
    } else if (ITEM.test(lines[index])) {
      index = listEnd(lines, index);
      built.push(list(lines.slice(start, index)));
    } else {
      while (index < lines.length && lines[index].trim()) index += 1;
      built.push(element("p", {}, ...inline("markdown", lines.slice(start, index).join("\n"))));
    }
  }
  return built;
}

/** A list goes on with further items, indented lines, and blank lines before either. */
function listEnd(lines, start) {
  let end = start;
  for (let index = start; index < lines.length; index += 1) {
    if (ITEM.test(lines[index]) || /^\s+\S/.test(lines[index])) end = index + 1;
    else if (lines[index].trim()) break;
  }
  return end;
}

function list(lines) {
  const items = [];
  let indent = 0;
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item) {
      indent = item[1].length;
      items.push([item[2]]);
    } else {
      items.at(-1).push(line.slice(indent));
    }
  }
  const tag = /^\d/.test(lines[0]) ? "ol" : "ul";
  return element(tag, {}, ...items.map((item) => element("li", {}, ...loose(item))));
}

/** An item of one paragraph shows its words without one. */
function loose(lines) {
  const inside = blocks(lines);
  return inside[0]?.localName === "p" ? [...inside[0].childNodes, ...inside.slice(1)] : inside;
}
