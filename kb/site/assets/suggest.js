// Questions that go on like what is being typed: a combobox with a list (WAI-ARIA 1.2, list autocomplete, manual selection).

import { read } from "./api.js";
import { element } from "./dom.js";

const PAUSE = 110; // milliseconds without a key before asking

/** Wire a field to its list; `locale()` is the language asked in, `choose` gets the suggestion taken. */
export function suggest(field, list, locale, choose) {
  let items = [];
  let active = -1;
  let timer = 0;
  let asking = new AbortController();

  const close = () => {
    clearTimeout(timer);
    asking.abort();
    items = [];
    paint();
  };
  const take = (item) => {
    close();
    choose(item);
  };
  const paint = () => {
    active = -1;
    list.replaceChildren(...items.map((item, index) => option(item, index, take)));
    list.hidden = !items.length;
    field.setAttribute("aria-expanded", String(Boolean(items.length)));
    field.removeAttribute("aria-activedescendant");
  };
  const move = (step) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = (active + step + items.length + (active < 0 && step < 0 ? 1 : 0)) % items.length;
    const chosen = list.children[active];
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", chosen.id);
  };
  const look = async () => {
    asking = new AbortController();
    const { signal } = asking;
    try {
      items = (await read.suggest(field.value.trim(), locale(), signal)).items;
      if (!signal.aborted) paint();
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    asking.abort();
    if (field.value.trim().length < 2) close();
    else timer = setTimeout(look, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (!items.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      take(items[active]);
    }
  });
  field.addEventListener("blur", close);
  return { close };
}

function option(item, index, take) {
  const press = (event) => {
    event.preventDefault(); // keeps the focus in the field
    take(item);
  };
  return element("li", { id: `suggestion-${index}`, role: "option", "aria-selected": "false", onpointerdown: press }, item.text);
}
