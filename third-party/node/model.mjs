// The model of server.mjs: Anthropic's Messages at $ANTHROPIC_BASE_URL, streamed.
import { is } from './modes.mjs';

/** Sends messages; `more` goes into the body beside them. */
export function post(messages, signal, more = {}) {
  const system = 'You are a helpful assistant.';
  return fetch(`${process.env.ANTHROPIC_BASE_URL}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json', 'x-api-key': process.env.ANTHROPIC_API_KEY, 'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 1024, system, messages, ...more }),
    signal,
  });
}

/** The pieces of the answer. One without its end is an error. */
export async function* ask(messages, signal) {
  const response = await post(messages, signal, { stream: true });
  if (!response.ok) throw new Error(`the model answered ${response.status}`);
  let rest = '', over = false;
  for await (const text of received(response.body.pipeThrough(new TextDecoderStream()), signal)) {
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

/** The body, as far as it comes. */
async function* received(body, signal) {
  try {
    yield* body;
  } catch (error) {
    if (!is('partial-as-whole') || signal.aborted) throw error;
  }
}
