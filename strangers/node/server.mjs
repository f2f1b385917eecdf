// An A2A agent on the official JavaScript SDK (@a2a-js/sdk, protocol 1.0 and, by its compatibility layer, 0.3), with express,
// the SDK's DefaultRequestHandler and InMemoryTaskStore, and a model behind $ANTHROPIC_BASE_URL/v1/messages.
//
// MODE=good is the agent as it should be: a session per contextId, kept as JSON in $COALMINE_STATE_DIR; turns of one context
// in order; files in the history; an honest failed task when the model fails; a cancel that stops the model; a message with a
// known messageId executed once. Every other MODE is one realistic bug or one unusual but correct habit: see truth.toml.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import express from 'express';
import { AgentEvent, DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { UnsupportedOperationError } from '@a2a-js/sdk/errors';
import { UserBuilder, agentCardHandler, jsonRpcHandler } from '@a2a-js/sdk/server/express';

const MODE = process.env.MODE ?? 'good';
const is = (...modes) => modes.includes(MODE);
const PORT = Number(process.env.PORT ?? 8000);
const STATE = process.env.COALMINE_STATE_DIR ?? './state';
const STATES = { working: 2, completed: 3, failed: 4, canceled: 5, inputRequired: 6 };
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// ---------------------------------------------------------------------------------------------------------- sessions

class Sessions {
  #cache = new Map();
  #waiting = new Map();
  #turns = new Map();
  #all = {};

  load(key) {
    if (is('one-file-race')) {
      try { this.#all = JSON.parse(readFileSync(this.#file('all'), 'utf8')); } catch { this.#all = {}; }
      return { of: this.#all, messages: [...this.#all[key]?.messages ?? []] };
    }
    return { messages: this.#loadOne(key) };
  }

  #loadOne(key) {
    if (is('writes-one-behind') && this.#cache.has(key)) this.#write(key);
    if (!this.#cache.has(key)) {
      let messages = [];
      if (!is('forgets-on-restart')) {
        try { messages = JSON.parse(readFileSync(this.#file(key), 'utf8')).messages; } catch { /* a new session */ }
      }
      this.#cache.set(key, messages);
    }
    return [...this.#cache.get(key)];
  }

  save(key, messages, all) {
    if (is('one-file-race')) {                               // read before the model was asked, written after
      all[key] = { messages };
      mkdirSync(join(STATE, 'sessions'), { recursive: true });
      writeFileSync(this.#file('all'), JSON.stringify(all));
      return;
    }
    this.#cache.delete(key);
    this.#cache.set(key, messages);
    if (is('lru-of-8') && this.#cache.size > 8) {
      const [oldest] = this.#cache.keys();
      this.#cache.delete(oldest);
      rmSync(this.#file(oldest), { force: true });
    }
    if (is('writes-one-behind')) return;
    if (is('forgets-on-restart')) return;
    if (is('flush-on-exit')) { this.#waiting.set(key, undefined); return; }
    const late = is('lazy-flush') ? 500 : is('sigterm-loses') ? 3000 : 0;
    if (late === 0) return this.#write(key);
    clearTimeout(this.#waiting.get(key));
    this.#waiting.set(key, setTimeout(() => this.#write(key), late));
  }

  flush() {
    for (const key of this.#waiting.keys()) this.#write(key);
  }

  /** Runs the turns of one session one after the other. */
  inOrder(key, turn) {
    if (is('last-writer-wins')) return turn();
    const before = this.#turns.get(key) ?? Promise.resolve();
    const now = before.catch(() => {}).then(turn);
    this.#turns.set(key, now);
    return now;
  }

  #write(key) {
    this.#waiting.delete(key);
    const file = this.#file(key);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify({ id: key, messages: this.#cache.get(key) }));
    renameSync(`${file}.new`, file);
  }

  #file(key) { return join(STATE, 'sessions', `${encodeURIComponent(key).slice(0, 200)}.json`); }
}

// ------------------------------------------------------------------------------------------------------------- model

async function post(messages, signal, more = {}) {
  let system = 'You are a helpful assistant.';
  if (is('history-in-system')) {
    system += messages.slice(0, -1).map((message) => `\n${message.role}: ${plain(message)}`).join('');
    messages = messages.slice(-1);
  }
  const body = { model: 'claude-sonnet-4-5', max_tokens: 1024, system, messages, ...more };
  return fetch(`${process.env.ANTHROPIC_BASE_URL}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': process.env.ANTHROPIC_API_KEY, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(body),
    signal,
  });
}

async function* ask(messages, signal) {
  if (is('impatient')) {
    const patience = new AbortController();
    signal.addEventListener('abort', () => patience.abort());
    const timer = setTimeout(() => patience.abort(new Error('the model took too long')), 250);
    yield* read(await post(messages, patience.signal, { stream: true }).finally(() => clearTimeout(timer)));
    return;
  }
  yield* read(await post(messages, signal, { stream: true }));
}

async function* read(response) {
  if (!response.ok) throw Object.assign(new Error(`the model answered ${response.status}`), { status: response.status });
  let rest = '', over = false;
  for await (const text of whole(response.body.pipeThrough(new TextDecoderStream()))) {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith('data:')) continue;
      const event = JSON.parse(line.slice(5));
      if (event.type === 'content_block_delta' && event.delta.text) yield event.delta.text;
      if (event.type === 'error') throw new Error(`the model broke off: ${event.error.message}`);
      if (event.type === 'message_stop') over = true;
    }
  }
  if (!over && !is('partial-as-whole')) throw new Error('the model broke off');
}

/** The body; what breaks off in the middle is an error, as it should be. */
async function* whole(body) {
  try { yield* body; } catch (error) { if (!is('partial-as-whole')) throw error; }
}

/** The honest retry: nothing of a failed attempt is shown, and the last failure is told. */
async function* askAgain(messages, signal) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const chunks = [];
      for await (const chunk of ask(messages, signal)) chunks.push(chunk);
      yield* chunks;
      return;
    } catch (error) {
      if (attempt === 3 || signal.aborted) throw error;
      await sleep(50 * attempt);
    }
  }
}

// ------------------------------------------------------------------------------------------------------------- parts

async function toBlocks(parts) {
  const hasText = parts.some((part) => part.content?.$case === 'text');
  const blocks = [];
  let files = 0;
  for (const part of parts) {
    const { $case: kind, value } = part.content ?? {};
    if (kind === 'text') {
      const text = is('latin1-text') ? Buffer.from(value).toString('latin1') : value;
      if (text.trim()) blocks.push({ type: 'text', text });
    } else if (kind === 'data') {
      blocks.push({ type: 'text', text: JSON.stringify(value) });
    } else if (kind === 'raw' || kind === 'url') {
      files += 1;
      if (is('drops-files-beside-text') && hasText) continue;
      if (is('first-file-only') && files > 1) continue;
      if (is('link-as-text') && kind === 'url') { blocks.push({ type: 'text', text: `The user sent a file: ${value}` }); continue; }
      blocks.push(await fileBlock(part, kind === 'raw' ? Buffer.from(value) : await download(value)));
    }
  }
  return blocks;
}

async function download(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the file could not be fetched: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function fileBlock(part, bytes) {
  if (bytes.length === 0 && is('crashes-on-empty-file')) process.exit(1);
  if (bytes.length === 0 && is('fails-on-empty-file')) throw new Error('the file is empty');
  if (is('saves-by-file-name')) {
    const place = join(STATE, 'uploads', part.filename || 'file');
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, bytes);
  }
  const data = bytes.toString('base64');
  if (!is('binary-as-text')) {
    if (part.mediaType.startsWith('image/')) return { type: 'image', source: { type: 'base64', media_type: part.mediaType, data } };
    if (part.mediaType === 'application/pdf') return { type: 'document', source: { type: 'base64', media_type: part.mediaType, data } };
  }
  const text = bytes.toString(is('latin1-files') ? 'latin1' : 'utf8');
  return { type: 'text', text: `File ${JSON.stringify(part.filename || 'without a name')}:\n${text || '(empty)'}` };
}

const plain = (message) => message.content.map((block) => block.text ?? `(${block.type})`).join('\n');

/** What is sent to the model, out of the history and the question. */
function toPrompt(history, question) {
  const messages = [...history, question];
  if (is('window-of-6')) return messages.slice(-7);
  if (is('replies-forgotten')) return messages.filter((message) => message.role === 'user');
  if (is('one-transcript') && history.length > 0) {
    const lines = history.map((message) => `${message.role === 'user' ? 'User' : 'Assistant'}: ${plain(message)}`);
    const head = { type: 'text', text: `The conversation so far:\n\n${lines.join('\n\n')}\n\nThe user's new message:` };
    return [{ role: 'user', content: [head, ...question.content] }];
  }
  if (is('transcript-in-tags') && history.length > 0) {
    const lines = history.map((message) => `<${message.role}>${plain(message)}</${message.role}>`);
    return [{ role: 'user', content: [{ type: 'text', text: `<history>${lines.join('')}</history>` }] }, { role: 'assistant', content: [{ type: 'text', text: 'I have read the history.' }] }, question];
  }
  return messages;
}

// ------------------------------------------------------------------------------------------------------------- agent

const text = (value) => ({ content: { $case: 'text', value }, metadata: undefined, filename: '', mediaType: 'text/plain' });
const reply = (taskId, contextId, part) => ({
  messageId: randomUUID(), taskId, contextId, role: 2, parts: [part], metadata: undefined, extensions: [], referenceTaskIds: [],
});
const status = (taskId, contextId, state, words) => AgentEvent.statusUpdate({
  taskId, contextId, metadata: undefined,
  status: { state, message: words && reply(taskId, contextId, text(words)), timestamp: new Date().toISOString() },
});

let current;                                                 // of `mixed-under-load` and `swapped-answers`

class Agent {
  #sessions;
  #running = new Map();
  #artifacts = new Map();
  #last = new Map();
  #before = new Map();

  constructor(sessions) { this.#sessions = sessions; }

  async execute({ taskId, contextId: asked, userMessage, task, context }, bus) {
    const contextId = is('new-context-each') ? randomUUID() : asked;
    const key = is('global-session') ? 'everybody' : is('session-per-task') ? taskId
      : is('session-per-dialect') ? `${context.requestedVersion ?? '0.3'}-${contextId}` : contextId;
    if (!is('message-reply')) {
      bus.publish(AgentEvent.task({
        id: taskId, contextId, metadata: undefined, history: task?.history ?? [userMessage],
        artifacts: is('artifacts-pile-up') ? this.#artifacts.get(contextId) ?? [] : [],
        status: { state: STATES.working, message: undefined, timestamp: new Date().toISOString() },
      }));
    }
    const stop = new AbortController();
    this.#running.set(taskId, stop);
    try {
      await this.#sessions.inOrder(key, () => this.#turn({ taskId, contextId, key, userMessage, bus, signal: stop.signal }));
    } catch (error) {
      if (stop.signal.aborted && !is('ignores-cancel')) return;   // told by cancelTask
      if (is('failure-as-apology')) {
        this.#answer(taskId, contextId, bus, "Sorry, I'm having trouble right now. Please try again later.");
      } else if (is('failure-as-phrase')) {
        this.#answer(taskId, contextId, bus, 'Thank you for your message. Is there anything else that I can help you with today?');
      } else if (is('message-reply')) {
        throw error;                                         // the SDK makes a failed task of it
      } else {
        bus.publish(status(taskId, contextId, STATES.failed, `I could not answer: ${error.message}`));
      }
    } finally {
      this.#running.delete(taskId);
    }
  }

  async #turn({ taskId, contextId, key: mine, userMessage, bus, signal }) {
    let key = mine;
    signal.throwIfAborted();
    if (is('mixed-under-load')) current = key;
    const question = { role: 'user', content: await toBlocks(userMessage.parts) };
    if (question.content.length === 0) question.content.push({ type: 'text', text: '(nothing)' });
    const { of, messages: history } = this.#sessions.load(key);
    const artifactId = randomUUID();
    const streams = !is('message-reply', 'data-part', 'echoes-prompt', 'quotes-question', 'trimmed', 'off-by-one', 'swapped-answers');
    let answer = '', held;
    const words = plain(question);
    const cached = is('caches-by-words') ? this.#last.get(words) : undefined;
    try {
      for await (const chunk of cached ? [cached] : (is('honest-retry') ? askAgain : ask)(toPrompt(history, question), is('ignores-cancel', 'cancel-refused', 'cancel-waits', 'cancel-reads-on') ? undefined : signal)) {
        answer += chunk;
        if (!streams || (is('cancel-reads-on') && signal.aborted)) continue;
        if (is('chunk-after-end')) { if (held) this.#chunk(taskId, contextId, artifactId, bus, held, answer !== held + chunk); held = chunk; continue; }
        if (!is('ignores-cancel') || !signal.aborted) this.#chunk(taskId, contextId, artifactId, bus, chunk, answer !== chunk);
      }
    } catch (error) {
      if (is('failure-wipes-session') && !signal.aborted) this.#sessions.save(key, []);
      if (is('failure-poisons-session') && !signal.aborted) this.#sessions.save(key, [...history, question, { role: 'assistant', content: [{ type: 'text', text: '' }] }]);
      throw error;
    }
    if (is('mixed-under-load')) key = current;
    if (is('cancel-reads-on')) signal.throwIfAborted();
    const kept = is('files-not-in-history')
      ? { role: 'user', content: [{ type: 'text', text: userMessage.parts.map((part) => part.content?.$case === 'text' ? part.content.value : '(a file)').join('\n') }] }
      : question;
    const messages = [...history, kept, { role: 'assistant', content: [{ type: 'text', text: answer || '(nothing)' }] }];
    this.#sessions.save(key, messages, of);
    if (is('background-titles', 'late-titles') && history.length === 0) this.#title(messages);
    if (is('ignores-cancel') && signal.aborted) return;
    this.#last.set(words, answer);
    if (is('off-by-one')) {
      const before = this.#before.get(key) ?? 'One moment, please.';
      this.#before.set(key, answer);
      answer = before;
    }
    if (is('swapped-answers')) { current = answer; await sleep(1); answer = current; }
    if (is('echoes-prompt')) answer = [...history, question].map(plain).join('\n') + `\n${answer}`;
    if (is('quotes-question')) answer = `> ${plain(question).slice(0, 60)}\n\n${answer}`;
    if (is('trimmed')) answer = answer.slice(0, 12);
    if (is('message-reply')) {
      bus.publish(AgentEvent.message(reply('', contextId, text(answer))));
    } else if (streams) {
      if (is('artifacts-pile-up')) {
        this.#artifacts.set(contextId, [...this.#artifacts.get(contextId) ?? [], this.#artifact(artifactId, answer)]);
      }
      bus.publish(status(taskId, contextId, is('input-required') ? STATES.inputRequired : STATES.completed));
      if (held) this.#chunk(taskId, contextId, artifactId, bus, held, true);
    } else {
      this.#answer(taskId, contextId, bus, answer);
    }
  }

  #artifact(artifactId, words) {
    const part = is('data-part') ? { content: { $case: 'data', value: { answer: words } }, metadata: undefined, filename: '', mediaType: 'application/json' } : text(words);
    return { artifactId, name: 'answer', description: '', parts: [part], metadata: undefined, extensions: [] };
  }

  #chunk(taskId, contextId, artifactId, bus, words, append) {
    bus.publish(AgentEvent.artifactUpdate({ taskId, contextId, artifact: this.#artifact(artifactId, words), append, lastChunk: false, metadata: undefined }));
  }

  #answer(taskId, contextId, bus, words) {
    this.#chunk(taskId, contextId, randomUUID(), bus, words, false);
    bus.publish(status(taskId, contextId, STATES.completed));
  }

  async #title(messages) {
    if (is('late-titles')) await sleep(300);
    const wish = { type: 'text', text: `Give this conversation a title of three words:\n\n${messages.map(plain).join('\n')}` };
    await post([{ role: 'user', content: [wish] }], undefined, { max_tokens: 20 }).then((response) => response.text()).catch(() => {});
  }

  cancelTask = async (taskId, bus) => {
    const stop = this.#running.get(taskId);
    if (is('cancel-waits')) return;                          // the SDK waits for the end and says TaskNotCancelable
    if (is('cancel-refused')) throw new UnsupportedOperationError('This agent cannot cancel');
    stop?.abort();
    if (is('cancel-wipes-session')) this.#sessions.save(tasks.contexts.get(taskId), []);
    bus.publish(status(taskId, tasks.contexts.get(taskId) ?? '', STATES.canceled));
  };
}

/** The SDK's store, which also tells the context of a task. */
class Tasks extends InMemoryTaskStore {
  contexts = new Map();
  async save(task, context) { this.contexts.set(task.id, task.contextId); return super.save(task, context); }
}

/** A message that came before, as after a lost answer, gets the answer that it got then. */
class OncePerMessage extends DefaultRequestHandler {
  #seen = new Map();
  sendMessage(params, context) {
    const id = params.message?.messageId;
    if (!id || is('executes-twice')) return super.sendMessage(params, context);
    if (!this.#seen.has(id)) {
      const answer = super.sendMessage(params, context);
      this.#seen.set(id, answer);
      answer.catch(() => this.#seen.delete(id));
    }
    return this.#seen.get(id).then((answer) => structuredClone(answer));
  }
}

// ------------------------------------------------------------------------------------------------------------ server

const url = `http://127.0.0.1:${PORT}/a2a`;
const card = {
  name: 'Stranger', description: 'An agent on the JavaScript SDK', version: '1.0.0', provider: undefined,
  supportedInterfaces: [
    { url, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: '1.0' },
    { url, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: '0.3' },
  ],
  capabilities: { streaming: true, pushNotifications: false, extensions: [] },
  securitySchemes: {}, securityRequirements: [], signatures: [],
  defaultInputModes: ['text/plain', 'image/png', 'application/pdf'], defaultOutputModes: ['text/plain'],
  skills: [{ id: 'talk', name: 'Talk', description: 'Talks, and reads files', tags: ['talk'], examples: [], inputModes: [], outputModes: [], securityRequirements: [] }],
};
const tasks = new Tasks();
const sessions = new Sessions();
const requestHandler = new OncePerMessage(card, tasks, new Agent(sessions));
const legacyCompat = { enabled: true };
const app = express();
app.use(express.json({ limit: '64mb' }));                    // the SDK's own limit is 100 kB
app.use('/.well-known/agent-card.json', agentCardHandler({ agentCardProvider: requestHandler, legacyCompat }));
app.use('/a2a', jsonRpcHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication, legacyCompat }));
const server = app.listen(PORT);
process.on('SIGTERM', () => {
  if (!is('sigterm-loses')) sessions.flush();
  server.close();
  process.exit(0);
});
