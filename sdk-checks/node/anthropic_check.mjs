// The official `@anthropic-ai/sdk` package. Usage: node anthropic_check.mjs BASE_URL

import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";
import { BASE, COLOR, KNOWN, REMEMBER, REMEMBERED, TEXT, TOLD, UNKNOWN, trouble } from "./shared.mjs";

const client = new Anthropic({ baseURL: BASE, apiKey: "not-a-key", maxRetries: 0 });
const asked = (messages, more) => ({ model: "claude-sonnet-5", max_tokens: 256, messages, ...more });
const text = (message) => message.content.map((block) => block.text ?? "").join("");

// two turns, whole and streamed; a stranger is not known
const said = async (messages, more, by = client) => text(await by.messages.create(asked(messages, more)));
const streamed = (messages, more) => client.messages.stream(asked(messages, more)).finalMessage();
assert.equal(await said(TOLD), KNOWN);
assert.equal(text(await streamed(TOLD)), KNOWN);
assert.equal(await said(TOLD.slice(2)), UNKNOWN);

// a tool round trip
const tools = [{ name: "commit_memory", description: "Keeps a fact", input_schema: TEXT }];
const question = { role: "user", content: REMEMBER };
const called = await streamed([question], { tools });
const [use] = called.content;
assert.ok(called.stop_reason === "tool_use" && use.input.content.includes(COLOR), use);
const result = { role: "user", content: [{ type: "tool_result", tool_use_id: use.id, content: "saved" }] };
assert.equal(await said([question, { role: "assistant", content: called.content }, result], { tools }), REMEMBERED);

// what goes wrong is a typed error here, and a retry helps
for (const ask of [() => said(TOLD), () => streamed(TOLD)]) {
  await trouble("429:1s", () => assert.rejects(ask, Anthropic.RateLimitError));
  await trouble("529", () => assert.rejects(ask, Anthropic.InternalServerError));
  await trouble("reset", () => assert.rejects(ask, Anthropic.APIConnectionError));
  await trouble("cut", () => assert.rejects(ask));
}
await trouble("slow-first:5s", () => assert.rejects(
  () => said(TOLD, {}, client.withOptions({ timeout: 600 })), Anthropic.APIConnectionTimeoutError,
));
await trouble("429", async () => assert.equal(await said(TOLD, {}, client.withOptions({ maxRetries: 1 })), KNOWN));
await assert.rejects(() => said([]), Anthropic.BadRequestError);
await assert.rejects(() => client.messages.batches.list(), Anthropic.NotFoundError);
assert.ok((await client.models.list()).data.length > 0);
