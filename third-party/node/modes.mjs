// The modes of the two servers. What each of them does, and what is true of it, stands in truth.toml.
import { basename } from 'node:path';

const MODES = {
  'server.mjs': [
    'good',
    // agent.mjs
    'message-reply', 'quotes-question', 'trimmed', 'artifacts-pile-up', 'late-titles', 'cancel-wipes-session',
    'failure-poisons-session',
    // prompt.mjs, model.mjs and sessions.mjs
    'one-transcript', 'partial-as-whole', 'writes-one-behind',
  ],
  'bare.mjs': [
    'good-bare',
    // bare.mjs and bare-stream.mjs
    'polling-only', 'upper-states', 'html-errors', 'card-at-old-path', 'no-streaming', 'sse-habits', 'stream-left-open',
    'hang-up-locks',
    // bare-tasks.mjs
    'mints-context', 'foreign-pair-taken', 'finished-task-taken', 'answer-in-status', 'cumulative-chunks',
    'stream-loses-last-chunk', 'stream-reply-not-stored', 'mixed-with-streams',
  ],
};

const own = MODES[basename(process.argv[1])];
const mode = process.env.MODE ?? own[0];
if (!own.includes(mode)) {
  console.error(`MODE=${mode} is not known`);
  process.exit(1);
}

/** Whether one of these modes is on. */
export function is(...modes) {
  for (const one of modes) if (!Object.values(MODES).flat().includes(one)) throw new Error(`${one} is no mode`);
  return modes.includes(mode);
}
