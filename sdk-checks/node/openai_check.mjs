// The official `openai` package, Chat Completions and Responses. Usage: node openai_check.mjs BASE_URL

import assert from "node:assert/strict";
import OpenAI from "openai";
import { BASE, COLOR, KNOWN, REMEMBER, REMEMBERED, TEXT, TOLD, UNKNOWN, trouble } from "./shared.mjs";

const client = new OpenAI({ baseURL: `${BASE}/v1`, apiKey: "not-a-key", maxRetries: 0 });
const patient = client.withOptions({ maxRetries: 1 });

// two turns, whole and streamed; a stranger is not known
const chat = (messages, more, by = client) => by.chat.completions.create({ model: "gpt-4o", messages, ...more });
const said = async (...asked) => (await chat(...asked)).choices[0].message.content;
const respond = (input, more, by = client) => by.responses.create({ model: "gpt-5", input, ...more });
const streamed = async () => {
  const stream = client.chat.completions.stream({ model: "gpt-4o", messages: TOLD });
  return (await stream.finalMessage()).content;
};
const responded = async () => {
  let text = "";
  for await (const event of await respond(TOLD, { stream: true })) text += event.delta ?? "";
  return text;
};
for (const answer of [said(TOLD), streamed(), responded()]) assert.equal(await answer, KNOWN);
assert.equal((await respond(TOLD)).output_text, KNOWN);
assert.equal(await said(TOLD.slice(2)), UNKNOWN);

// a tool round trip, run by the package itself and by hand
let kept = "";
const commit = (text) => ((kept = text), "saved");
const tool = { name: "commit_memory", description: "Keeps a fact", parameters: TEXT };
const runner = client.chat.completions.runTools({
  model: "gpt-4o", stream: true, messages: [{ role: "user", content: REMEMBER }],
  tools: [{ type: "function", function: { ...tool, function: commit } }],
});
assert.equal(await runner.finalContent(), REMEMBERED);
assert.ok(kept.includes(COLOR), kept);
const tools = [{ type: "function", strict: false, ...tool }];
const stream = client.responses.stream({ model: "gpt-5", input: REMEMBER, tools });
const { output: [call] } = await stream.finalResponse();
assert.ok(call.name === "commit_memory" && call.arguments.includes(COLOR), call);
const { type, call_id, name, arguments: given } = call;
const result = { type: "function_call_output", call_id, output: "saved" };
const input = [{ role: "user", content: REMEMBER }, { type, call_id, name, arguments: given }, result];
assert.equal((await respond(input, { tools })).output_text, REMEMBERED);

// what goes wrong is a typed error here, and a retry helps
for (const ask of [() => said(TOLD), () => respond(TOLD), () => streamed()]) {
  await trouble("429:1s", () => assert.rejects(ask, OpenAI.RateLimitError));
  await trouble("500", () => assert.rejects(ask, OpenAI.InternalServerError));
  await trouble("reset", () => assert.rejects(ask, OpenAI.APIConnectionError));
  await trouble("cut", () => assert.rejects(ask));
}
await trouble("slow-first:5s", () => assert.rejects(
  () => chat(TOLD, {}, client.withOptions({ timeout: 600 })), OpenAI.APIConnectionTimeoutError,
));
await trouble("429", async () => assert.equal(await said(TOLD, {}, patient), KNOWN));
await assert.rejects(() => chat([{ role: "robot", content: "" }]), OpenAI.BadRequestError);
const { data: [first, again] } = await client.embeddings.create({ model: "m", input: ["x", "x"] });
assert.ok(first.embedding.length === 1536 && first.embedding.every((value, at) => value === again.embedding[at]));
await assert.rejects(() => client.images.generate({ model: "m", prompt: "x" }), OpenAI.NotFoundError);
assert.ok((await client.models.list()).data.length > 0);
