// The way of an answer of server.mjs to the client: the task, its artifact, and its states.
import { randomUUID } from 'node:crypto';
import { AgentEvent } from '@a2a-js/sdk/server';
import { is } from './modes.mjs';

export const STATES = { working: 2, completed: 3, failed: 4, canceled: 5 };
const AGENT = 2;

const textPart = (value) => (
  { content: { $case: 'text', value }, metadata: undefined, filename: '', mediaType: 'text/plain' });
export const artifact = (artifactId, words) => (
  { artifactId, name: 'answer', description: '', parts: [textPart(words)], metadata: undefined, extensions: [] });
const message = ({ taskId, contextId }, words) => ({
  messageId: randomUUID(), taskId, contextId, role: AGENT, parts: [textPart(words)],
  metadata: undefined, extensions: [], referenceTaskIds: [],
});

/** What the client is told of one task. */
export class Reply {
  #artifactId = randomUUID();

  constructor(taskId, contextId, bus) { Object.assign(this, { taskId, contextId, bus }); }

  begin(history, artifacts) {
    const status = { state: STATES.working, message: undefined, timestamp: new Date().toISOString() };
    const { taskId: id, contextId } = this;
    this.bus.publish(AgentEvent.task({ id, contextId, metadata: undefined, history, artifacts, status }));
  }

  piece(words, append) {
    const { taskId, contextId } = this;
    const grown = { taskId, contextId, artifact: artifact(this.#artifactId, words), append, lastChunk: false };
    this.bus.publish(AgentEvent.artifactUpdate({ ...grown, metadata: undefined }));
  }

  state(state, words) {
    const { taskId, contextId } = this;
    const status = { state, message: words && message(this, words), timestamp: new Date().toISOString() };
    this.bus.publish(AgentEvent.statusUpdate({ taskId, contextId, metadata: undefined, status }));
  }

  /** An answer that does not come in pieces. */
  whole(words) {
    if (is('message-reply')) return this.bus.publish(AgentEvent.message(message({ ...this, taskId: '' }, words)));
    this.piece(words, false);
    this.state(STATES.completed);
  }
}
