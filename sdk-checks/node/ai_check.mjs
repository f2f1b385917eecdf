// The `ai` package over the dialects that it has a package for. Usage: node ai_check.mjs BASE_URL

import assert from "node:assert/strict";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { Output, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { BASE, COLOR, KNOWN, REMEMBER, REMEMBERED, TOLD, UNKNOWN, trouble } from "./shared.mjs";

const apiKey = "not-a-key";
const openai = createOpenAI({ baseURL: `${BASE}/v1`, apiKey });
const models = [
  openai.chat("gpt-4o"),
  openai.responses("gpt-5"),
  createAnthropic({ baseURL: `${BASE}/v1`, apiKey })("claude-sonnet-5"),
  createGoogleGenerativeAI({ baseURL: `${BASE}/v1beta`, apiKey })("gemini-2.5-flash"),
];

for (const model of models) {
  const name = `${model.provider} ${model.modelId}`;
  const said = async (messages, more) => (await generateText({ model, messages, maxRetries: 0, ...more })).text;
  const streamed = async (messages, more) => {
    const stream = streamText({ model, messages, maxRetries: 0, onError: () => {}, ...more });
    return stream.text;
  };
  assert.equal(await said(TOLD), KNOWN, name);
  assert.equal(await streamed(TOLD), KNOWN, name);
  assert.equal(await said(TOLD.slice(2)), UNKNOWN, name);

  const output = Output.object({ schema: z.object({ reply: z.string() }) });
  assert.deepEqual((await generateText({ model, messages: TOLD, output })).output, { reply: KNOWN }, name);

  // a tool round trip, run by the package itself
  for (const ask of [said, streamed]) {
    let kept = "";
    const inputSchema = z.object({ content: z.string() });
    const execute = async ({ content }) => ((kept = content), "saved");
    const tools = { commit_memory: tool({ description: "Keeps a fact", inputSchema, execute }) };
    const more = { tools, stopWhen: stepCountIs(3) };
    assert.equal(await ask([{ role: "user", content: REMEMBER }], more), REMEMBERED, name);
    assert.ok(kept.includes(COLOR), kept);
  }

  await trouble("429", () => assert.rejects(() => said(TOLD), { name: "AI_APICallError", statusCode: 429 }));
  await trouble("reset", () => assert.rejects(() => said(TOLD), { name: "AI_APICallError" }));
  await trouble("500", () => assert.rejects(() => streamed(TOLD)));
  await trouble("429:1s", async () => assert.equal(await said(TOLD, { maxRetries: 1 }), KNOWN));
}
