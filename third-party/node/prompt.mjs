// What the model is shown, of server.mjs: of a message its words and files, and of the history what came before.
import { is } from './modes.mjs';

/** The parts of a message as blocks of Anthropic's Messages. */
export async function toBlocks(parts) {
  const blocks = [];
  for (const part of parts) {
    const { $case: kind, value } = part.content ?? {};
    if (kind === 'text' && value.trim()) blocks.push({ type: 'text', text: value });
    if (kind === 'data') blocks.push({ type: 'text', text: JSON.stringify(value) });
    if (kind === 'raw') blocks.push(toBlock(part, Buffer.from(value)));
    if (kind === 'url') blocks.push(toBlock(part, await download(value)));
  }
  return blocks.length > 0 ? blocks : [{ type: 'text', text: '(nothing)' }];
}

async function download(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the file could not be fetched: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

function toBlock({ mediaType, filename }, bytes) {
  const source = { type: 'base64', media_type: mediaType, data: bytes.toString('base64') };
  if (mediaType.startsWith('image/')) return { type: 'image', source };
  if (mediaType === 'application/pdf') return { type: 'document', source };
  const name = JSON.stringify(filename || 'without a name');
  return { type: 'text', text: `File ${name}:\n${bytes.toString() || '(empty)'}` };
}

/** The messages for the model, out of the history and the question. */
export function toPrompt(history, question) {
  if (!is('one-transcript') || history.length === 0) return [...history, question];
  const lines = history.map((message) => `${message.role === 'user' ? 'User' : 'Assistant'}: ${plain(message)}`);
  const head = { type: 'text', text: `The conversation so far:\n\n${lines.join('\n\n')}\n\nThe user's new message:` };
  return [{ role: 'user', content: [head, ...question.content] }];
}

/** The words of a message. */
export const plain = (message) => message.content.map((block) => block.text ?? `(${block.type})`).join('\n');
