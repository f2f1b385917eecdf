// The command line of claude-code, as a person would use it. Usage: node claude_code_check.mjs BASE_URL

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BASE, KNOWN, UNKNOWN } from "./shared.mjs";

const home = mkdtempSync(join(tmpdir(), "claude-code-"));
const cwd = join(home, "work");
mkdirSync(cwd);
const env = {
  PATH: process.env.PATH, HOME: home, CLAUDE_CONFIG_DIR: join(home, ".claude"),
  ANTHROPIC_BASE_URL: BASE, ANTHROPIC_API_KEY: "not-a-key",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", DISABLE_AUTOUPDATER: "1", DISABLE_TELEMETRY: "1",
  // whoever is called beside the world is not reached
  HTTP_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1",
};

function claude(...args) {
  const options = { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 };
  const { status, stdout, stderr } = spawnSync(join(process.cwd(), "node_modules/.bin/claude"), args, options);
  assert.equal(status, 0, `claude ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

try {
  const told = JSON.parse(claude("-p", "Hi, my name is Zorvane-4417.", "--output-format", "json"));
  assert.ok(told.result === "Noted." && told.is_error === false && told.usage.input_tokens > 0, told);
  const known = claude("-p", "--resume", told.session_id, "What's my name?");
  assert.equal(known.trim(), KNOWN);
  assert.equal(claude("-p", "What's my name?").trim(), UNKNOWN);
} finally {
  rmSync(home, { recursive: true, force: true });
}
