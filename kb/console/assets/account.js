// One's own account: who one is, the password, the signing keys; what needs a fresh proof asks for it and then goes on.

import { Refused, ask, change, element, onSubmit, pressed, tell } from "./page.js";

const confirming = document.querySelector("#confirm");
const byPassword = document.querySelector("#by-password");
const byOpenid = document.querySelector("#by-openid");
const details = document.querySelector("#details");
const password = document.querySelector("#password");
const makeKey = document.querySelector("#make-key");
const out = document.querySelector("#out");
const outEverywhere = document.querySelector("#out-everywhere");
const LEFT = "kb-left-to-prove";
let pending = null;
let id = "";

/** Do it; where the server asks who is there, ask for a proof, and do it then if that is given on this page. */
async function sure(act) {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "reauthenticate") throw error;
    pending = act;
    confirming.hidden = false;
    (byPassword.hidden ? confirming : byPassword.password).focus();
  }
}

byOpenid.addEventListener("click", () => sessionStorage.setItem(LEFT, "1"));

onSubmit(byPassword, async (data) => {
  await ask("POST", "/v1/sessions/current/reauthenticate", { password: data.get("password") });
  byPassword.reset();
  confirming.hidden = true;
  const act = pending;
  pending = null;
  await act?.();
});

onSubmit(details, (data) => {
  const given = { name: data.get("name").trim(), email: data.get("email").trim() };
  return sure(async () => {
    await change(`/v1/people/${encodeURIComponent(id)}`, () => given);
    await show();
    tell("Your name and address are saved.");
  });
});

onSubmit(password, (data) => {
  const chosen = data.get("password");
  return sure(async () => {
    await ask("PUT", "/v1/me/password", { password: chosen });
    password.reset();
    await show();
    tell("Your password is set.");
  });
});

makeKey.addEventListener("click", () =>
  pressed(makeKey, () =>
    sure(async () => {
      await ask("POST", "/v1/me/signing-keys", {});
      await show();
      tell("Your signing key is made.");
    }),
  ),
);

out.addEventListener("click", () =>
  pressed(out, async () => {
    await ask("DELETE", "/v1/sessions/current");
    location.replace("/sign-in");
  }),
);

outEverywhere.addEventListener("click", () =>
  pressed(outEverywhere, async () => {
    await ask("DELETE", "/v1/sessions");
    location.replace("/sign-in");
  }),
);

function retire(key, button) {
  return pressed(button, () =>
    sure(async () => {
      await ask("POST", "/v1/me/signing-keys/retire", { public_key: key.public_key });
      await show();
      tell("The key is retired; what it signed stands.");
    }),
  );
}

/** Read the account anew and show it; who isn't signed in goes to where one does that. */
async function show() {
  let me;
  try {
    me = await ask("GET", "/v1/me");
  } catch (error) {
    if (error.status === 401) return location.replace("/sign-in");
    return tell(error.message, true);
  }
  const { account } = me;
  const ways = account.signs_in_by;
  id = account.id;
  document.querySelector("#name").textContent = account.name || "Your account";
  document.querySelector("#who").replaceChildren(...who(account));
  document.querySelector("#keys").replaceChildren(...account.keys.filter((key) => !key.until).map(keyLine));
  byPassword.hidden = !ways.includes("password");
  byOpenid.hidden = !ways.includes("openid");
  document.querySelector("#by-link").hidden = ways.length > 0;
  for (const form of [byPassword, password]) form.who.value = account.email || account.id;
  details.elements.namedItem("name").value = account.name;
  details.elements.namedItem("email").value = account.email;
  if (me.fresh && sessionStorage.getItem(LEFT)) tell("It is you: for five minutes you can do what you were about to.");
  sessionStorage.removeItem(LEFT);
}

function who(account) {
  const roles = account.roles.filter((role) => !role.until).map((role) => (role.topics.includes("*") ? role.role : `${role.role} on ${role.topics.join(", ")}`));
  const lines = {
    Id: element("code", {}, account.id),
    "E-mail": account.email,
    Roles: roles.join("; ") || "none yet: an admin gives them",
    "Signs in by": account.signs_in_by.join(", ") || "links only: set a password below",
  };
  return Object.entries(lines)
    .filter(([, value]) => value)
    .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
}

function keyLine(key) {
  const kinds = { given: "from the trust file", kept: "kept here, sealed", brought: "your own" };
  const line = element("li", {}, element("span", {}, element("code", {}, `${key.public_key.slice(0, 12)}…`), ` ${kinds[key.kind]}, since ${key.since.slice(0, 10)}`));
  if (key.kind !== "given") {
    const button = element("button", { type: "button", class: "quiet" }, "Retire");
    button.addEventListener("click", () => retire(key, button));
    line.append(button);
  }
  return line;
}

show();
