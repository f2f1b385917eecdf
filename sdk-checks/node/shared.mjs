// What the checks share: facts, the world's address and its trouble.

import assert from "node:assert/strict";

export const BASE = process.argv[2].replace(/\/$/, "");
export const COLOR = "velmar-321";
export const TOLD = [
  { role: "user", content: "Hi, my name is Zorvane-4417." },
  { role: "assistant", content: "Noted." },
  { role: "user", content: "What's my name?" },
];
export const KNOWN = "Your name is Zorvane-4417.";
export const UNKNOWN = "I don't know your name.";
export const REMEMBER = `Please remember for later: my favorite color is ${COLOR}.`;
export const REMEMBERED = "I will remember that.";
export const TEXT = { type: "object", properties: { content: { type: "string" } }, required: ["content"] };

const post = async (what) => (await fetch(`${BASE}/model-fault`, { method: "POST", body: what })).json();

/** Lets the next answers suffer, and sees to it that they did. */
export async function trouble(what, suffer) {
  await post(what);
  await suffer();
  assert.equal((await post("")).waiting, 0, `nobody suffered from ${what}`);
}
