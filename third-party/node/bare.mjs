// An A2A agent without any SDK, as many teams write one: node:http, protocol 0.3, its card and JSON-RPC by hand.
//
// In the mode `good-bare` it keeps all that profile.toml promises; every other MODE breaks that in one known way, or is
// unusual and correct. The modules: bare-tasks.mjs a turn and its task, bare-stream.mjs the streams, bare-model.mjs the
// model, sessions.mjs the store, modes.mjs the names of the modes.
import { createServer } from 'node:http';
import { stream } from './bare-stream.mjs';
import { Refusal, begin, isOver, taskOf, whenOver, work } from './bare-tasks.mjs';
import { is } from './modes.mjs';

const PORT = Number(process.env.PORT ?? 8000);
const CARD_AT = is('card-at-old-path') ? '/.well-known/agent.json' : '/.well-known/agent-card.json';
const card = {
  protocolVersion: '0.3.0', name: 'Bare stranger', description: 'An agent without any SDK', version: '0.1.0',
  url: `http://127.0.0.1:${PORT}/`, preferredTransport: 'JSONRPC', capabilities: { streaming: !is('no-streaming') },
  defaultInputModes: ['text/plain', 'image/png', 'application/pdf'], defaultOutputModes: ['text/plain'],
  skills: [{ id: 'talk', name: 'Talk', description: 'Talks, and reads files', tags: ['talk'] }],
};

const methods = {
  async 'message/send'({ message, configuration }) {
    const entry = begin(message, false);
    const done = work(entry, message);
    if (is('polling-only') || configuration?.blocking === false) return { ...entry.task, status: { state: 'working' } };
    await done;
    if (entry.task.status.state === 'failed' && is('html-errors')) throw new Page('Something went wrong');
    return entry.task;
  },

  async 'tasks/get'({ id, historyLength }) {
    const { task } = taskOf(id);
    return historyLength === undefined ? task : { ...task, history: task.history.slice(-historyLength) };
  },

  async 'tasks/cancel'({ id }) {
    const entry = taskOf(id);
    if (isOver(entry)) throw new Refusal(-32002, 'Task cannot be canceled');
    entry.stop.abort();
    await whenOver(entry);
    return entry.task;
  },
};

/** An error of something in front of the agent, which knows nothing of JSON-RPC. */
class Page extends Error {}

const sent = new Map();                                      // messageId → answer

/** A message that came before, as after a lost answer, gets the answer that it got then. */
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

/** How the wire spells what is said. */
function dress(value) {
  if (!is('upper-states')) return value;
  return JSON.parse(JSON.stringify(value), (key, inner) => (key === 'state' ? inner.toUpperCase() : inner));
}

async function answer(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const json = (body) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  let rpc = {};
  try {
    rpc = parse(Buffer.concat(chunks).toString());
    if (['message/stream', 'tasks/resubscribe'].includes(rpc.method) && card.capabilities.streaming) {
      return stream(rpc, response, dress);
    }
    if (!methods[rpc.method]) throw new Refusal(-32601, 'Method not found');
    const result = await (rpc.method === 'message/send' ? once(rpc.params) : methods[rpc.method](rpc.params));
    json({ jsonrpc: '2.0', id: rpc.id, result: dress(result) });
  } catch (error) {
    if (error instanceof Page) {
      return response.writeHead(200, { 'content-type': 'text/html' }).end(`<html><h1>${error.message}</h1></html>`);
    }
    json({ jsonrpc: '2.0', id: rpc.id ?? null, error: { code: error.code ?? -32603, message: error.message } });
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(-32700, 'Parse error');
  }
}

const server = createServer((request, response) => {
  if (request.method === 'POST') return answer(request, response);
  if (request.url !== CARD_AT) return response.writeHead(404).end('not found');
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(card));
});
server.listen(PORT);
process.on('SIGTERM', () => process.exit(0));
