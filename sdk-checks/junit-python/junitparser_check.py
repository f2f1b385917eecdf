"""junitparser, which many tools of CI read JUnit with. Usage: python junitparser_check.py BASE_URL, with the folder of the runs
in COALMINE_REPORTS.

What it reads from `junit.xml` must be what `summary.json` of the same run says.
"""

import json
import os
from pathlib import Path

from junitparser import Error, Failure, Skipped
from junitparser.xunit2 import FlakyFailure, JUnitXml, RerunFailure

KINDS = {"pass": None, "fail": Failure, "error": Error, "skip": Skipped}
seen = set()


def same(what, read, said):
    assert read == said, f"{what}: read {read!r}, but the run says {said!r}"


def rounds_that_stand_beside(canary):
    """The failed rounds that are not the one which is reported as the failure."""
    rounds = canary.get("rounds")
    return rounds["judged"] - rounds["passed"] - (canary["verdict"] == "fail") if rounds else 0


def check_case(case, canary):
    name, verdict = canary["id"], canary["verdict"]
    same("name", case.name, name)
    same(f"time of {name}", case.time, canary["duration_ms"] / 1000)
    same(f"assertions of {name}", int(case._elem.get("assertions")), len(canary["checks"]))
    same(f"results of {name}", [type(result) for result in case.result], [KINDS[verdict]] if KINDS[verdict] else [])
    for result in case.result:
        why = canary["diagnosis"] or {"sentence": canary["reason"]}
        assert why["sentence"] in result.message, result.message
        if verdict != "skip":
            same(f"type of {name}", result.type, why["code"])
            assert canary["turns"][0]["say"] in result.text, result.text
    told = {one.name: one.value for one in case.properties()}
    same(f"title of {name}", told.pop("title"), canary["title"])
    rounds = told.pop("rounds", None)
    same(f"whether {name} has rounds", rounds is not None, "rounds" in canary)
    if rounds is not None:
        counted = canary["rounds"]
        share = f"{counted['passed']}/{counted['judged']} passed" if counted["judged"] else "none was judged"
        assert rounds.startswith(share), rounds
    same(f"other properties of {name}", told, {})
    beside = FlakyFailure if verdict == "pass" else RerunFailure
    same(f"reruns of {name}", [type(rerun) for rerun in case.interim_result], [beside] * rounds_that_stand_beside(canary))
    for rerun in case.interim_result:
        assert " of 20" in rerun.message and rerun.type, rerun.message
    seen.update({verdict, *(type(rerun).__name__ for rerun in case.interim_result)})


def check_run(folder):
    xml, run = JUnitXml.fromfile(str(folder / "junit.xml")), json.loads((folder / "summary.json").read_text())
    [suite] = xml
    said = run["counts"]
    for level in (xml, suite):
        same("tests", level.tests, len(run["canaries"]))
        same("failures", level.failures, said["fail"])
        same("errors", level.errors, said["error"])
        same("skipped", int(level._elem.get("skipped")), said["skip"])
        same("time", level.time, run["run"]["duration_ms"] / 1000)
    told = {one.name: one.value for one in suite.properties()}
    same("run", told["run"], run["run"]["id"])
    same("seed", told["seed"], str(run["run"]["seed"]))
    same("fault", told["subject"], run["target"]["subject"])
    for case, canary in zip(suite, run["canaries"], strict=True):
        check_case(case, canary)


for name in ("red", "unjudged"):
    check_run(Path(os.environ["COALMINE_REPORTS"]) / name)
same("kinds of results", seen, {*KINDS, "RerunFailure", "FlakyFailure"})
