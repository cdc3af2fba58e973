// HTML of a rendition (e-mail, FAQ) as nodes: parsed where nothing runs or loads, then rebuilt from what is known to be harmless.

import { anchor, element } from "./dom.js";

const TAGS = new Set(["p", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "code", "br", "div"]);
const STYLES = ["color", "font-family", "font-size", "font-weight", "line-height", "margin", "padding", "max-width"];

const STYLED = /(<[a-z][^<>]*? )style="/g; // in text, a < is written &lt;

const inert = window.trustedTypes?.createPolicy("inert", { createHTML: (html) => html });

/** The nodes of an HTML fragment; unknown tags give their children, and no attribute survives but address, language and looks. */
export function letter(html) {
  const waiting = html.replaceAll(STYLED, '$1data-style="'); // parsing a style is applying it, and our policy forbids that
  const parsed = new DOMParser().parseFromString(inert ? inert.createHTML(waiting) : waiting, "text/html");
  const fragment = document.createDocumentFragment();
  fragment.append(...rebuilt(parsed.body.childNodes));
  return fragment;
}

function rebuilt(nodes) {
  return [...nodes].flatMap((node) => {
    if (node.nodeType === Node.TEXT_NODE) return [node.data];
    if (node.nodeType !== Node.ELEMENT_NODE) return [];
    const tag = node.localName;
    const children = rebuilt(node.childNodes);
    if (tag === "a") return [styled(anchor(node.getAttribute("href") ?? "", ...children), node)];
    if (!TAGS.has(tag)) return tag === "script" || tag === "style" ? [] : children;
    return [styled(element(tag, { lang: node.getAttribute("lang") }, ...children), node)];
  });
}

/** Styles enter one by one and by name, which a policy against inline styles rightly allows. */
function styled(node, source) {
  const wanted = document.createElement("span").style;
  wanted.cssText = source.dataset.style ?? "";
  for (const name of STYLES) {
    const value = wanted.getPropertyValue(name);
    if (value) node.style.setProperty(name, value);
  }
  return node;
}
