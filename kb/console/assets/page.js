// What the pages share: asking the API, telling how it went, and building nodes whose words are never markup.

/** An answer that is no success; `code` is the problem document's. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Ask the API and return the decoded answer; a bearer token takes the place of the session's cookie. */
export async function ask(method, path, body, token) {
  return (await asked(method, path, body, token)).told;
}

/** Read something, let it be changed, and write it back as what it was changed from: nobody's change is lost. */
export async function change(path, changed) {
  const { told, tag } = await asked("GET", path);
  return (await asked("PUT", path, changed(told), "", tag)).told;
}

async function asked(method, path, body, token, tag) {
  const headers = { accept: "application/json" };
  if (tag) headers["if-match"] = tag;
  if (body !== undefined) headers["content-type"] = "application/json";
  if (token) headers.authorization = `Bearer ${token}`;
  const credentials = token ? "omit" : "same-origin";
  let answer;
  try {
    answer = await fetch(path, { method, headers, credentials, body: body && JSON.stringify(body) });
  } catch {
    throw new Refused(0, "unreachable", "The server can't be reached: try again in a moment.");
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return { told, tag: answer.headers.get("etag") };
  const detail = told.errors?.length ? told.errors.map((one) => one.message).join(" ") : told.detail;
  throw new Refused(answer.status, told.code ?? "", detail ?? `The server answered ${answer.status}.`);
}

/** Tell how it went, to those who listen too. */
export function tell(message, wrong = false) {
  const status = document.querySelector("#status");
  status.textContent = message && message[0].toUpperCase() + message.slice(1);
  status.classList.toggle("wrong", wrong);
}

/** Do something when a form is sent, once at a time; what is refused is told beneath the page. */
export function onSubmit(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    pressed(form.querySelector("[type=submit]"), () => act(new FormData(form)));
  });
}

/** Do something while its button can't be pressed again. */
export async function pressed(button, act) {
  button.disabled = true;
  tell("");
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(error.message, true);
  } finally {
    button.disabled = false;
  }
}

/** An element with properties and children; empty children are skipped. */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child));
  return node;
}
