// Signing in: by the link in the fragment, which goes nowhere before the button is pressed, or by a password.

import { ask, onSubmit, tell } from "./page.js";

const byLink = document.querySelector("#link");
const byPassword = document.querySelector("#password");
const token = () => location.hash.slice(1);

async function enter(proof) {
  await ask("POST", "/v1/sessions", proof);
  location.replace("/account"); // in place of this page, so that a used link isn't left in the history
}

onSubmit(byLink, async () => {
  if (!window.isSecureContext) return tell("Open this link over https, or on the server's own machine: it would be used up for nothing here.", true);
  try {
    await enter({ link: token() });
  } catch (error) {
    history.replaceState(null, "", location.pathname);
    choose();
    throw error;
  }
});

if (!window.isSecureContext) {
  tell("This address isn't encrypted, so no browser keeps you signed in here: open it as https, or on the server's own machine under its name localhost.", true);
}

onSubmit(byPassword, (data) => {
  const who = data.get("who").trim();
  return enter({ [who.includes("@") ? "email" : "person"]: who, password: data.get("password") });
});

function choose() {
  byLink.hidden = !token();
  byPassword.hidden = !!token();
}

window.addEventListener("hashchange", choose);
choose();
