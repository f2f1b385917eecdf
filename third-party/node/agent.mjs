// A turn of server.mjs, as the SDK's executor: a message to the model, its answer into the session and to the client.
import { randomUUID } from 'node:crypto';
import { ask, post } from './model.mjs';
import { is } from './modes.mjs';
import { plain, toBlocks, toPrompt } from './prompt.mjs';
import { Reply, STATES, artifact } from './reply.mjs';
import { inOrder, load, save } from './sessions.mjs';

const says = (role, text) => ({ role, content: [{ type: 'text', text }] });

export class Agent {
  #running = new Map();
  #artifacts = new Map();                                    // of `artifacts-pile-up`: by context

  async execute({ taskId, contextId, userMessage, task }, bus) {
    const reply = new Reply(taskId, contextId, bus);
    const stop = new AbortController();
    this.#running.set(taskId, { stop, reply });
    if (!is('message-reply')) reply.begin(task?.history ?? [userMessage], this.#artifacts.get(contextId) ?? []);
    try {
      await inOrder(contextId, () => this.#turn(userMessage, reply, stop.signal));
    } catch (error) {
      if (stop.signal.aborted) return;                       // told by cancelTask
      if (is('message-reply')) throw error;                  // the SDK makes a failed task of it
      reply.state(STATES.failed, `I could not answer: ${error.message}`);
    } finally {
      this.#running.delete(taskId);
    }
  }

  async #turn(userMessage, reply, signal) {
    signal.throwIfAborted();
    const key = reply.contextId;
    const question = { role: 'user', content: await toBlocks(userMessage.parts) };
    const history = load(key);
    const inPieces = !is('message-reply', 'quotes-question', 'trimmed');
    let answer = '';
    try {
      for await (const piece of ask(toPrompt(history, question), signal)) {
        if (inPieces) reply.piece(piece, answer !== '');
        answer += piece;
      }
    } catch (error) {
      const poisons = is('failure-poisons-session') && !signal.aborted;
      if (poisons) save(key, [...history, question, says('assistant', '')]);
      throw error;
    }
    const messages = [...history, question, says('assistant', answer || '(nothing)')];
    save(key, messages);
    if (is('late-titles') && history.length === 0) this.#title(messages);
    if (is('quotes-question')) answer = `> ${plain(question).slice(0, 60)}\n\n${answer}`;
    if (is('trimmed')) answer = answer.slice(0, 12);
    if (is('artifacts-pile-up')) {
      this.#artifacts.set(key, [...this.#artifacts.get(key) ?? [], artifact(randomUUID(), answer)]);
    }
    if (inPieces) reply.state(STATES.completed);
    else reply.whole(answer);
  }

  #title(messages) {
    const wish = `Give this conversation a title of three words:\n\n${messages.map(plain).join('\n')}`;
    setTimeout(() => post([says('user', wish)], undefined, { max_tokens: 20 }).catch(() => {}), 300);
  }

  cancelTask = async (taskId) => {
    const { stop, reply } = this.#running.get(taskId);
    stop.abort();
    if (is('cancel-wipes-session')) save(reply.contextId, []);
    reply.state(STATES.canceled);
  };
}
