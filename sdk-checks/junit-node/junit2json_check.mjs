// junit2json, a reader of JUnit. Usage: node junit2json_check.mjs BASE_URL, with the folder of the runs in COALMINE_REPORTS.
//
// What it reads from `junit.xml` must be what `summary.json` of the same run says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "junit2json";

const KINDS = { pass: null, fail: "failure", error: "error", skip: "skipped" };
const seen = new Set();

function checkCase(read, canary) {
  const { id, verdict, rounds } = canary;
  assert.equal(read.name, id);
  assert.equal(read.time, canary.duration_ms / 1000, id);
  assert.equal(read.assertions, canary.checks.length, id);
  const kinds = ["failure", "error", "skipped"].filter((kind) => kind in read);
  assert.deepEqual(kinds, KINDS[verdict] ? [KINDS[verdict]] : [], id);
  for (const kind of kinds) {
    const [result, ...more] = read[kind];
    assert.deepEqual(more, [], id);
    assert.ok(result.message.includes(canary.diagnosis?.sentence ?? canary.reason), result.message);
    if (kind === "skipped") continue;
    assert.equal(result.type, canary.diagnosis.code);
    assert.ok(result.inner.includes(canary.turns[0].say), result.inner);
  }
  const told = Object.fromEntries(read.properties.map(({ name, value }) => [name, value]));
  assert.deepEqual(Object.keys(told), rounds ? ["title", "rounds"] : ["title"], id);
  assert.equal(told.title, canary.title);
  const share = rounds?.judged ? `${rounds.passed}/${rounds.judged} passed` : "none was judged";
  if (rounds) assert.ok(told.rounds.startsWith(share), told.rounds);
  const beside = rounds ? rounds.judged - rounds.passed - (verdict === "fail") : 0;
  const [own, other] = verdict === "pass" ? ["flakyFailure", "rerunFailure"] : ["rerunFailure", "flakyFailure"];
  assert.equal(read[own]?.length ?? 0, beside, id);
  assert.ok(!(other in read), id);
  for (const rerun of read[own] ?? []) assert.ok(rerun.message.includes(" of 20") && rerun.type, rerun.message);
  seen.add(verdict);
  if (beside > 0) seen.add(own);
}

for (const name of ["red", "unjudged"]) {
  const file = (of) => readFileSync(join(process.env.COALMINE_REPORTS, name, of), "utf8");
  const run = JSON.parse(file("summary.json"));
  const read = await parse(file("junit.xml"));
  const { testsuite: [suite, ...more] } = read;
  assert.deepEqual(more, []);
  for (const { tests, failures, errors, skipped, time } of [read, suite]) {
    assert.deepEqual(
      { tests, failures, errors, skipped, time },
      {
        tests: run.canaries.length, failures: run.counts.fail, errors: run.counts.error, skipped: run.counts.skip,
        time: run.run.duration_ms / 1000,
      },
    );
  }
  const told = Object.fromEntries(suite.properties.map(({ name: key, value }) => [key, value]));
  assert.deepEqual([told.run, told.seed, told.subject], [run.run.id, run.run.seed, run.target.subject]);
  assert.equal(suite.testcase.length, run.canaries.length);
  suite.testcase.forEach((case_, at) => checkCase(case_, run.canaries[at]));
}
assert.deepEqual([...seen].sort(), [...Object.keys(KINDS), "flakyFailure", "rerunFailure"].sort());
