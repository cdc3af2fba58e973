// The public API, as any client uses it, and what this page asks beside it.

/** An answer that is no success: its title and detail come from the problem document (RFC 9457). */
export class Problem extends Error {
  constructor(status, document) {
    super(document.detail || document.title || `The server answered ${status}.`);
    this.status = status;
  }
}

/** The path of one rendition, as the curl beside it shows it. */
export function entryPath(channel, profile, key, locale) {
  return address(`/v1/channels/${channel}/entries/${encodeURIComponent(key)}`, { locale, profile });
}

export const read = {
  house: () => fetched("/site/house"),
  match: (q, locale, signal) => fetched(address("/v1/channels/faq/match", { q, locale }), signal),
  suggest: (q, locale, signal) => fetched(address("/v1/channels/faq/suggest", { q, locale, limit: 6 }), signal),
  entry: (channel, profile, key, locale, signal) => fetched(entryPath(channel, profile, key, locale), signal),
  lengths: (channel, profile, key, locale, signal) =>
    fetched(address(`/site/lengths/${channel}/${encodeURIComponent(key)}`, { locale, profile }), signal),
  titles: (locale) => fetched(address("/v1/channels/faq/entries", { kind: "answer", limit: 100, locale })),
};

function address(path, query) {
  const pairs = Object.entries(query).filter(([, value]) => value);
  return pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
}

/** What is there; a session that ended meanwhile is forgotten with the first refusal, and then everyone may ask. */
async function fetched(path, signal, again = false) {
  const response = await fetch(path, { signal, headers: { accept: "application/json" } });
  if (response.status === 401 && !again) return fetched(path, signal, true);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, body);
  return body;
}
