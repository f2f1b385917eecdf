// The streams of bare.mjs: message/stream and tasks/resubscribe as server-sent events.
import { randomUUID } from 'node:crypto';
import { begin, isOver, locked, taskOf, work } from './bare-tasks.mjs';
import { is } from './modes.mjs';

export function stream({ id, method, params }, response, dress) {
  const write = (result) => response.write(toEvent({ jsonrpc: '2.0', id, result: dress(result) }));
  const entry = method === 'tasks/resubscribe' ? taskOf(params.id) : begin(params.message, true);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  write(entry.task);
  if (isOver(entry)) return response.end();
  entry.listeners.add((event) => {
    write(event);
    if (event.final) end(response);
  });
  if (method === 'tasks/resubscribe') return;
  response.on('close', () => {
    if (!isOver(entry) && is('hang-up-locks')) locked.add(entry.task.contextId);
  });
  work(entry, params.message);
}

function toEvent(value) {
  if (!is('sse-habits')) return `data: ${JSON.stringify(value)}\n\n`;
  const lines = JSON.stringify(value, null, 1).split('\n').map((line) => `data:${line}`);
  return [': ping', `id: ${randomUUID()}`, 'event: message', ...lines, '', ''].join('\r\n');
}

function end(response) {
  if (is('stream-left-open')) setInterval(() => response.write(': ping\n\n'), 1000);
  else response.end();
}
