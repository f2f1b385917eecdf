// The tasks of bare.mjs: how a message begins one, what a turn does, and who is told of it.
import { randomUUID } from 'node:crypto';
import { ask, toContent } from './bare-model.mjs';
import { is } from './modes.mjs';
import { inOrder, load, save } from './sessions.mjs';

const OVER = ['completed', 'failed', 'canceled', 'rejected'];

/** id → { task, stop, listeners, streamed } */
const tasks = new Map();
const minted = new Set();                                    // contextIds that this server made
let streaming;                                               // of `mixed-with-streams`: the context that streams

/** Contexts that take no more messages, of `hang-up-locks`. */
export const locked = new Set();

/** An error that the client is told, by its JSON-RPC code. */
export class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export const isOver = (entry) => OVER.includes(entry.task.status.state);

export function taskOf(id) {
  if (!tasks.has(id)) throw new Refusal(-32001, 'Task not found');
  return tasks.get(id);
}

/** A new task for a message, if the ids that it names allow for one. */
export function begin(message, streamed) {
  const known = message.taskId === undefined ? undefined : taskOf(message.taskId);
  const foreign = known && message.contextId && message.contextId !== known.task.contextId;
  if (foreign && !is('foreign-pair-taken')) throw new Refusal(-32602, 'The task belongs to another context');
  if (known && isOver(known) && !is('foreign-pair-taken', 'finished-task-taken')) {
    throw new Refusal(-32600, 'The task is over');
  }
  const strange = message.contextId && !minted.has(message.contextId) && load(message.contextId).length === 0;
  if (strange && is('mints-context')) {
    throw new Refusal(-32602, 'Unknown contextId: leave it out to begin a conversation');
  }
  const contextId = message.contextId ?? known?.task.contextId ?? randomUUID();
  if (!message.contextId && !known) minted.add(contextId);
  const status = { state: 'submitted', timestamp: new Date().toISOString() };
  const task = { kind: 'task', id: randomUUID(), contextId, status, artifacts: [], history: [message] };
  const entry = { task, stop: new AbortController(), listeners: new Set(), streamed };
  tasks.set(task.id, entry);
  if (streamed) {
    streaming = contextId;
    whenOver(entry).then(() => { streaming = undefined; });
  }
  return entry;
}

export function whenOver(entry) {
  if (isOver(entry)) return Promise.resolve();
  return new Promise((resolve) => entry.listeners.add((event) => event.final && resolve()));
}

function tell({ task, listeners }, event) {
  for (const listener of listeners) listener({ ...event, taskId: task.id, contextId: task.contextId });
}

function setState(entry, state, words) {
  if (isOver(entry)) return;
  const { id: taskId, contextId } = entry.task;
  const ids = { messageId: randomUUID(), contextId, taskId };
  const message = words && { kind: 'message', role: 'agent', ...ids, parts: [part(words)] };
  entry.task.status = { state, timestamp: new Date().toISOString(), ...(message && { message }) };
  tell(entry, { kind: 'status-update', status: entry.task.status, final: isOver(entry) });
}

const part = (text) => ({ kind: 'text', text });

/** Runs the turn of a task to its end, whatever that is. */
export async function work(entry, message) {
  const { task, stop: { signal } } = entry;
  try {
    await inOrder(task.contextId, () => turn(entry, message, signal));
  } catch (error) {
    setState(entry, signal.aborted ? 'canceled' : 'failed', `I could not answer: ${error.message}`);
  }
}

async function turn(entry, message, signal) {
  const { task, streamed } = entry;
  signal.throwIfAborted();
  if (locked.has(task.contextId)) await new Promise(() => {});
  setState(entry, 'working');
  const beside = streaming;
  const question = { role: 'user', content: await toContent(message.parts) };
  const history = load(task.contextId);
  const artifact = is('answer-in-status') ? undefined : new Artifact(entry);
  let answer = '';
  for await (const piece of ask([...history, question], signal)) {
    answer += piece;
    artifact?.grow(piece);
  }
  signal.throwIfAborted();
  const said = { role: 'assistant', content: [{ type: 'output_text', text: answer || '(nothing)' }] };
  const half = is('stream-reply-not-stored') && streamed;
  const foreign = is('mixed-with-streams') && !streamed ? streaming ?? beside : undefined;
  save(foreign ?? task.contextId, [...history, question, ...(half ? [] : [said])]);
  setState(entry, 'completed', is('answer-in-status') ? answer : undefined);
}

/** The artifact of a task, which grows, and of which a stream brings each piece. */
class Artifact {
  #entry;
  #whole = { artifactId: randomUUID(), name: 'answer', parts: [part('')] };
  #held;                                                     // of `stream-loses-last-chunk`: the newest piece

  constructor(entry) { this.#entry = entry; }

  grow(piece) {
    const { artifacts } = this.#entry.task;
    if (artifacts.length === 0) artifacts.push(this.#whole);
    this.#whole.parts[0].text += piece;
    if (is('cumulative-chunks')) return this.#show(this.#whole.parts[0].text, false);
    if (!is('stream-loses-last-chunk')) return this.#show(piece, this.#whole.parts[0].text !== piece);
    if (this.#held !== undefined) this.#show(this.#held, this.#whole.parts[0].text !== this.#held + piece);
    this.#held = piece;
  }

  #show(words, append) {
    const artifact = { ...this.#whole, parts: [part(words)] };
    tell(this.#entry, { kind: 'artifact-update', artifact, append, lastChunk: false });
  }
}
