// An A2A agent without any SDK, as many teams write one: node:http, protocol 0.3, JSON-RPC and SSE by hand, and a model behind
// $OPENAI_BASE_URL/responses.
//
// MODE=bare-good is the agent as it should be: a session per contextId, kept as JSON in $COALMINE_STATE_DIR; turns of one
// context in order; files in the history; an honest failed task when the model fails; a cancel that stops the model; a message
// with a known messageId executed once. Every other MODE is one realistic bug or one unusual but correct habit: see truth.toml.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const MODE = process.env.MODE ?? 'bare-good';
const is = (...modes) => modes.includes(MODE);
const PORT = Number(process.env.PORT ?? 8000);
const SESSIONS = join(process.env.COALMINE_STATE_DIR ?? './state', 'sessions');
const OVER = ['completed', 'failed', 'canceled', 'rejected'];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// ---------------------------------------------------------------------------------------------------------- sessions

const fileOf = (key) => join(SESSIONS, `${encodeURIComponent(key).slice(0, 200)}.json`);

function load(key) {
  try { return JSON.parse(readFileSync(fileOf(key), 'utf8')).items; } catch { return []; }
}

function save(key, items) {
  mkdirSync(SESSIONS, { recursive: true });
  writeFileSync(`${fileOf(key)}.new`, JSON.stringify({ id: key, items }));
  renameSync(`${fileOf(key)}.new`, fileOf(key));
}

const turns = new Map();

/** Runs the turns of one session one after the other. */
function inOrder(key, turn) {
  const now = (turns.get(key) ?? Promise.resolve()).catch(() => {}).then(turn);
  turns.set(key, now);
  return now;
}

// ------------------------------------------------------------------------------------------------------------- model

async function* ask(input, signal) {
  const response = await fetch(`${process.env.OPENAI_BASE_URL}/responses`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.OPENAI_API_KEY}` },
    body: JSON.stringify({ model: 'gpt-5-mini', instructions: 'You are a helpful assistant.', input, stream: true, store: false }),
    signal,
  });
  if (!response.ok) throw new Error(`the model answered ${response.status}`);
  let rest = '', over = false;
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith('data:') || line.includes('[DONE]')) continue;
      const event = JSON.parse(line.slice(5));
      if (event.type === 'response.output_text.delta') yield event.delta;
      if (event.type === 'response.failed' || event.type === 'error') throw new Error('the model broke off');
      if (event.type === 'response.completed') over = true;
    }
  }
  if (!over) throw new Error('the model broke off');
}

async function toContent(parts) {
  const content = [];
  for (const part of parts) {
    if (part.text !== undefined && part.text.trim()) content.push({ type: 'input_text', text: part.text });
    if (part.data !== undefined) content.push({ type: 'input_text', text: JSON.stringify(part.data) });
    if (part.file === undefined) continue;
    const { bytes, uri, name = 'file', mimeType = '' } = part.file;
    const data = bytes ?? (uri ? Buffer.from(await (await fetch(uri)).arrayBuffer()).toString('base64') : '');
    if (mimeType.startsWith('image/')) {
      content.push({ type: 'input_image', image_url: `data:${mimeType};base64,${data}` });
    } else if (mimeType === 'application/pdf') {
      content.push({ type: 'input_file', filename: name, file_data: `data:${mimeType};base64,${data}` });
    } else {
      content.push({ type: 'input_text', text: `File ${JSON.stringify(name)}:\n${Buffer.from(data, 'base64').toString() || '(empty)'}` });
    }
  }
  return content.length > 0 ? content : [{ type: 'input_text', text: '(nothing)' }];
}

// ------------------------------------------------------------------------------------------------------------- tasks

const tasks = new Map();                                     // id → { task, stop, listeners }
const minted = new Set();                                    // contextIds that this server made
const locked = new Set();                                    // contexts of clients that hung up
let numbers = 100;
let streaming;                                               // of `mixed-with-streams`: the context of the stream that runs

class Refusal extends Error {
  constructor(code, message) { super(message); this.code = code; }
}

const textPart = (text) => ({ kind: 'text', text });
const says = (entry, text) => ({
  kind: 'message', role: 'agent', messageId: randomUUID(), contextId: entry.task.contextId, taskId: entry.task.id, parts: [textPart(text)],
});
const now = () => new Date().toISOString();

function begin(message) {
  const known = message.taskId === undefined ? undefined : tasks.get(String(message.taskId));
  if (message.taskId !== undefined && !known) throw new Refusal(-32001, 'Task not found');
  if (known && message.contextId && message.contextId !== known.task.contextId && !is('accepts-foreign-pair')) {
    throw new Refusal(-32602, 'The task belongs to another context');
  }
  if (known && OVER.includes(known.task.status.state)
    && !is('accepts-foreign-pair', 'accepts-finished-task', 'followup-in-new-context')) {
    throw new Refusal(-32600, 'The task is over');
  }
  if (is('mints-context') && message.contextId && !minted.has(message.contextId) && load(message.contextId).length === 0) {
    throw new Refusal(-32602, 'Unknown contextId: leave it out to begin a conversation');
  }
  let contextId = message.contextId ?? known?.task.contextId;
  if (known && is('followup-in-new-context')) contextId = randomUUID();
  if (contextId === undefined || (is('replaces-context') && !minted.has(contextId))) minted.add(contextId = randomUUID());
  const id = is('numeric-ids') ? (numbers += 1) : randomUUID();
  const task = {
    kind: 'task', id, contextId, status: { state: 'submitted', timestamp: now() }, artifacts: [], history: [message],
  };
  const entry = { task, stop: new AbortController(), listeners: new Set(), streamed: false };
  tasks.set(String(id), entry);
  return entry;
}

function tell(entry, event) {
  for (const listener of entry.listeners) listener(event);
}

function setState(entry, state, words) {
  if (OVER.includes(entry.task.status.state)) return;
  entry.task.status = { state, timestamp: now(), ...(words && { message: says(entry, words) }) };
  const { id: taskId, contextId, status } = entry.task;
  tell(entry, { kind: 'status-update', taskId, contextId, status, final: OVER.includes(state) });
}

const keyOf = (entry) => (is('mixed-with-streams') && !entry.streamed && streaming) || entry.task.contextId;

async function work(entry, message) {
  const { task, stop: { signal } } = entry;
  const artifact = { artifactId: randomUUID(), name: 'answer', parts: [textPart('')] };
  const inStatus = is('answer-in-status', 'answer-in-history');
  let held;
  const show = (chunk, append) => tell(entry, {
    kind: 'artifact-update', taskId: task.id, contextId: task.contextId, append, lastChunk: false,
    artifact: { ...artifact, parts: [textPart(chunk)] },
  });
  try {
    await inOrder(task.contextId, async () => {
      signal.throwIfAborted();
      if (locked.has(task.contextId)) await new Promise(() => {});
      setState(entry, 'working', is('thinks-aloud') ? 'Let me think about that.' : undefined);
      const question = { role: 'user', content: await toContent(message.parts) };
      const history = load(task.contextId);
      let answer = '';
      for await (const chunk of ask([...history, question], signal)) {
        const first = answer === '';
        answer += chunk;
        if (inStatus) continue;
        if (first) task.artifacts.push(artifact);
        artifact.parts[0].text = answer;
        if (is('cumulative-chunks', 'cumulative-appended')) { show(answer, is('cumulative-appended') && !first); continue; }
        if (is('stream-loses-last-chunk')) { if (held !== undefined) show(held, answer !== held + chunk); held = chunk; } else show(chunk, !first);
      }
      if (is('slow-polling')) await sleep(400);
      signal.throwIfAborted();
      const words = { role: 'assistant', content: [{ type: 'output_text', text: answer || '(nothing)' }] };
      const kept = is('stream-reply-not-stored') && entry.streamed ? [question] : [question, words];
      if (!(is('stream-not-stored') && entry.streamed)) save(keyOf(entry), [...history, ...kept]);
      if (is('answer-in-history')) task.history.push(says(entry, answer));
      setState(entry, 'completed', is('answer-in-status', 'answer-in-both') ? answer : undefined);
    });
  } catch (error) {
    entry.error = error;
    setState(entry, signal.aborted ? 'canceled' : 'failed', `I could not answer: ${error.message}`);
  }
}

function whenOver(entry) {
  if (OVER.includes(entry.task.status.state)) return Promise.resolve();
  return new Promise((resolve) => entry.listeners.add((event) => event.final && resolve()));
}

// -------------------------------------------------------------------------------------------------------------- wire

/** The habits of the wire: what is said stays the same. */
function dress(value) {
  if (!is('no-kind', 'upper-states', 'british-states', 'extra-fields', 'message-answers')) return value;
  return JSON.parse(JSON.stringify(value), (key, inner) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) {
      if (key !== 'state') return inner;
      return is('upper-states') ? inner.toUpperCase() : is('british-states') && inner === 'canceled' ? 'cancelled' : inner;
    }
    if (is('no-kind')) delete inner.kind;
    if (is('extra-fields') && inner.kind) Object.assign(inner, { _trace: { span: 7, took: '12ms' }, tags: ['x'], createdBy: null });
    return inner;
  });
}

function failed(entry) {
  return entry.task.status.state === 'failed';
}

const methods = {
  async 'message/send'({ message, configuration }) {
    const entry = begin(message);
    const done = work(entry, message);
    if (is('polling-only', 'slow-polling') || configuration?.blocking === false) return { ...entry.task, status: { state: 'working' } };
    await whenOver(entry);
    if (failed(entry) && is('failure-as-rpc-error')) throw new Refusal(-32603, `Internal error: ${entry.error.message}`);
    if (failed(entry) && is('failure-as-http-error')) throw Object.assign(new Error('upstream'), { http: 502, body: 'Bad Gateway: the model failed' });
    if (failed(entry) && is('html-errors')) throw Object.assign(new Error('upstream'), { http: 200, body: '<html><body><h1>Something went wrong</h1></body></html>' });
    if (is('message-answers') && !failed(entry)) return { ...says(entry, entry.task.artifacts[0]?.parts[0].text ?? ''), taskId: undefined };
    await done;
    return entry.task;
  },

  async 'tasks/get'({ id, historyLength }) {
    const entry = tasks.get(String(id));
    if (!entry) throw new Refusal(-32001, 'Task not found');
    return historyLength === undefined ? entry.task : { ...entry.task, history: entry.task.history.slice(-historyLength) };
  },

  async 'tasks/cancel'({ id }) {
    const entry = tasks.get(String(id));
    if (!entry) throw new Refusal(-32001, 'Task not found');
    if (OVER.includes(entry.task.status.state)) throw new Refusal(-32002, 'Task cannot be canceled');
    entry.stop.abort();
    await whenOver(entry);
    return entry.task;
  },
};

const sent = new Map();                                      // messageId → answer

function once(params) {
  const id = params.message?.messageId;
  if (!id) throw new Refusal(-32602, 'message.messageId is required');
  if (!sent.has(id)) {
    const answer = methods['message/send'](params);
    sent.set(id, answer);
    answer.catch(() => sent.delete(id));
  }
  return sent.get(id);
}

function stream(rpc, response) {
  let entry, first = true;
  const write = (result) => {
    const data = JSON.stringify({ jsonrpc: '2.0', id: rpc.id, result: dress(result) }, null, is('sse-habits') ? 1 : 0);
    if (!is('sse-habits')) return response.write(`data: ${data}\n\n`);
    response.write(`: ping\r\nid: ${randomUUID()}\r\nevent: message\r\n${data.split('\n').map((line) => `data:${line}`).join('\r\n')}\r\n\r\n`);
  };
  const follow = () => entry.listeners.add((event) => {
    write(event);
    if (event.final) { if (is('sse-with-done')) response.write('data: [DONE]\n\n'); if (is('stream-left-open')) setInterval(() => response.write(': ping\n\n'), 1000); else response.end(); }
  });
  const head = () => response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  if (rpc.method === 'tasks/resubscribe') {
    entry = tasks.get(String(rpc.params.id));
    if (!entry) throw new Refusal(-32001, 'Task not found');
    if (is('resubscribe-missing')) throw new Refusal(-32601, 'Method not found');
    head();
    if (!is('resubscribe-tail')) write(entry.task);
    if (OVER.includes(entry.task.status.state)) return response.end();
    return follow();
  }
  const { message } = rpc.params;
  entry = begin(message);
  entry.streamed = true;
  streaming = entry.task.contextId;
  whenOver(entry).then(() => { streaming = undefined; });
  head();
  write(entry.task);
  follow();
  response.on('close', () => {
    if (OVER.includes(entry.task.status.state)) return;
    if (is('aborts-on-hangup')) entry.stop.abort();
    if (is('locks-after-hangup')) locked.add(entry.task.contextId);
    if (is('asks-on-after-hangup')) again(entry, message);
  });
  work(entry, message);
}

async function again(entry, message) {                       // "the client is gone, so the answer must have failed: once more"
  for (let round = 0; round < 8; round += 1) {
    try { for await (const _ of ask([...load(entry.task.contextId), { role: 'user', content: await toContent(message.parts) }])); } catch { /* again */ }
  }
}

async function answer(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  let rpc = {};
  try {
    try { rpc = JSON.parse(Buffer.concat(chunks).toString()); } catch { throw new Refusal(-32700, 'Parse error'); }
    if (['message/stream', 'tasks/resubscribe'].includes(rpc.method) && !is('no-streaming')) return stream(rpc, response);
    if (!methods[rpc.method]) throw new Refusal(-32601, 'Method not found');
    const result = dress(await (rpc.method === 'message/send' ? once(rpc.params) : methods[rpc.method](rpc.params)));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id: is('wrong-rpc-id') ? '1' : rpc.id, result }));
  } catch (error) {
    if (error.http) return response.writeHead(error.http, { 'content-type': 'text/html' }).end(error.body);
    const body = { jsonrpc: '2.0', id: rpc.id ?? null, error: { code: error.code ?? -32603, message: error.message } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }
}

// ------------------------------------------------------------------------------------------------------------ server

const url = is('card-with-relative-url') ? '/' : is('card-with-localhost-url') ? 'http://localhost:9999/' : `http://127.0.0.1:${PORT}/`;
const card = {
  protocolVersion: '0.3.0', name: 'Bare stranger', description: 'An agent without any SDK', version: '0.1.0', url,
  preferredTransport: 'JSONRPC', capabilities: { streaming: !is('no-streaming') },
  defaultInputModes: ['text/plain', 'image/png', 'application/pdf'], defaultOutputModes: ['text/plain'],
  skills: [{ id: 'talk', name: 'Talk', description: 'Talks, and reads files', tags: ['talk'] }],
};
const cardPath = is('card-at-old-path') ? '/.well-known/agent.json' : '/.well-known/agent-card.json';
const server = createServer((request, response) => {
  if (request.method === 'POST') return answer(request, response);
  if (request.url !== cardPath) return response.writeHead(404).end('not found');
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(card));
});
server.listen(PORT);
process.on('SIGTERM', () => process.exit(0));
