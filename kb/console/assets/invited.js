// What an outside expert was invited to: the whole of one revision, since all of it is what is signed.

import { ask, element, onSubmit, tell } from "./page.js";

const token = location.hash.slice(1);
const text = document.querySelector("#text");
const comments = document.querySelector("#comments");
const comment = document.querySelector("#comment");
const sign = document.querySelector("#sign");

onSubmit(comment, async (data) => {
  await ask("POST", "/v1/invited/comments", { text: data.get("text").trim() }, token);
  comment.reset();
  await show();
  tell("Your comment is with the authors.");
});

onSubmit(sign, async () => {
  await ask("POST", "/v1/invited/sign", {}, token);
  await show();
  tell("Signed. Thank you: you can close this page.");
});

async function show() {
  const found = await ask("GET", "/v1/invited", undefined, token);
  document.querySelector("#title").textContent = found.content.title || found.key;
  const until = new Date(found.expires_at).toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
  document.querySelector("#about").textContent =
    `You were invited to judge this ${found.kind} (${found.locale}) as ${found.role}, until ${until}. Nothing else can be seen from here.`;
  text.replaceChildren(element("dl", {}, fields(found.content)), ...found.issues.map(issue), fingerprint(found.hash));
  text.hidden = false;
  comments.querySelector("ul").replaceChildren(...found.comments.map(said));
  comment.hidden = found.comment.length > 0;
  comments.hidden = comment.hidden && found.comments.length === 0;
  sign.hidden = found.signed || found.sign.length > 0;
  if (found.signed) tell("You have signed this text.");
}

/** A value's fields with their names, those within it too; what is empty isn't there. */
function fields(value) {
  return Object.entries(value)
    .filter(([, inner]) => inner !== null && inner !== "" && inner !== false && !(typeof inner === "object" && Object.keys(inner).length === 0))
    .flatMap(([name, inner]) => [element("dt", {}, name.replaceAll("_", " ")), element("dd", {}, shown(inner))]);
}

function shown(value) {
  if (typeof value !== "object") return element("span", { class: "text" }, String(value));
  if (!Array.isArray(value)) return element("dl", {}, fields(value));
  return element("ul", { class: "many" }, value.map((one) => element("li", {}, shown(one))));
}

function issue(found) {
  return element("p", { class: "soft" }, `To know: ${found.message}`);
}

function said(one) {
  return element("li", {}, element("span", { class: "text" }, one.text ?? "(erased)"), element("span", { class: "soft" }, one.at.slice(0, 10)));
}

function fingerprint(hash) {
  return element("p", { class: "soft" }, "What you sign has the fingerprint ", element("code", {}, hash));
}

show().catch((error) => {
  for (const part of [text, comments, sign]) part.hidden = true;
  tell(error.status === 401 ? "This link has ended, or isn't whole: ask whoever sent it for another." : error.message, true);
});
