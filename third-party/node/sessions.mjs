// The conversations of both servers: a list of messages for each key, in a file that is replaced whole after each turn.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { is } from './modes.mjs';

const FOLDER = join(process.env.COALMINE_STATE_DIR ?? './state', 'sessions');
const turns = new Map();
const unwritten = new Map();                                 // of `writes-one-behind`

const fileOf = (key) => join(FOLDER, `${encodeURIComponent(key).slice(0, 200)}.json`);

export function load(key) {
  if (unwritten.has(key)) write(key, unwritten.get(key));
  return existsSync(fileOf(key)) ? JSON.parse(readFileSync(fileOf(key), 'utf8')).messages : [];
}

export function save(key, messages) {
  if (is('writes-one-behind')) unwritten.set(key, messages);
  else write(key, messages);
}

function write(key, messages) {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${fileOf(key)}.new`, JSON.stringify({ id: key, messages }));
  renameSync(`${fileOf(key)}.new`, fileOf(key));
}

/** Runs the turns of one session one after the other. */
export function inOrder(key, turn) {
  const now = (turns.get(key) ?? Promise.resolve()).catch(() => {}).then(turn);
  turns.set(key, now);
  return now;
}
