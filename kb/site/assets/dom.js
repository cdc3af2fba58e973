// Building nodes: every word of a payload enters the page as text, never as markup.

/** An element with properties (`class`, `data-*`, `aria-*`, listeners as `onclick`) and children; empty ones are skipped. */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== "" && child !== false));
  return node;
}

/** A part that can be opened: a summary, and what `build` gives when it is opened for the first time. */
export function drawer(label, build, properties = {}) {
  const opened = () => {
    if (node.open && node.children.length === 1) node.append(build());
  };
  const node = element("details", { ...properties, ontoggle: opened }, element("summary", {}, label));
  return node;
}

/** A link that may leave this page; an address that isn't https, tel or mailto is shown as text. */
export function anchor(href, ...children) {
  if (!/^(https:|tel:|mailto:)/.test(href)) return element("span", {}, ...children);
  return element("a", { href, rel: "noopener noreferrer", target: href.startsWith("https:") ? "_blank" : null }, ...children);
}

/** A way on as a button where it leads to another text, as a link where it leads to an address. */
export function wayOn(way, follow, properties, ...children) {
  if (way.to.startsWith("link:")) {
    const link = anchor(way.to.slice("link:".length), ...children);
    if (properties.class) link.className = properties.class;
    return link;
  }
  return element("button", { type: "button", ...properties, onclick: () => follow(way) }, ...children);
}

/** What a press of the button copies; the button says that it did. */
export function copier(text, label) {
  const copied = async () => {
    const done = await copy(text);
    button.textContent = done ? "Copied" : "Press Ctrl C";
    setTimeout(() => (button.textContent = "Copy"), 1600);
  };
  const button = element("button", { type: "button", class: "copy", "aria-label": label, onclick: copied }, "Copy");
  return button;
}

/** Where the page isn't served over https, browsers offer no clipboard but that of a selection. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = element("textarea", { class: "unseen", "aria-hidden": "true", tabindex: "-1" });
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
