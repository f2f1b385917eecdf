//! `gate.json`: what was judged with whose files, for programs, and a paragraph of the job's summary.

use std::io::Write;

use camino::Utf8Path;
use fs_err as fs;
use serde_json::json;

use crate::{failure::Failure, project::Whose};

/// The name of the file.
const FILE: &str = "gate.json";

/// How one run ended.
#[derive(Debug)]
pub(super) struct RunRecord {
    whose: Whose,
    pub(super) exit_code: u8,
}

impl RunRecord {
    pub(super) fn new(whose: Whose, exit_code: u8) -> Self {
        Self { whose, exit_code }
    }

    pub(super) fn whose(&self) -> Whose {
        self.whose
    }
}

/// What became of a plan.
#[derive(Debug)]
pub(super) struct Record {
    base_has_none: bool,
    changes: Vec<String>,
    runs: Vec<RunRecord>,
    exit_code: u8,
}

impl Record {
    pub(super) fn new(base_has_none: bool, changes: &[String], runs: Vec<RunRecord>, exit_code: u8) -> Self {
        Self { base_has_none, changes: changes.to_vec(), runs, exit_code }
    }

    /// Writes `gate.json` into a folder.
    pub(super) fn write(&self, folder: &Utf8Path) -> Result<(), Failure> {
        let is_single = self.runs.len() == 1;
        let runs: Vec<_> = self
            .runs
            .iter()
            .map(|run| {
                let folder = if is_single { "." } else { run.whose.name() };
                json!({ "files": run.whose.name(), "folder": folder, "exit-code": run.exit_code })
            })
            .collect();
        let value = json!({
            "schema": "coalmine/gate/1",
            "base-has-none": self.base_has_none,
            "changes": self.changes,
            "runs": runs,
            "exit-code": self.exit_code,
        });
        let path = folder.join(FILE);
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, format!("{value:#}\n")));
        written.map_err(|error| Failure::new(format!("could not write `{path}`")).because(error))
    }

    /// Adds what the pull request changes to the job's summary.
    pub(super) fn append_to_summary(&self, file: &Utf8Path) -> Result<(), Failure> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let mut text = String::from("\n### This pull request changes its own gate\n\n");
        for change in &self.changes {
            // a code span, which nothing in the change can end
            text.push_str(&format!("- ``{}``\n", change.replace('`', "'")));
        }
        for run in &self.runs {
            text.push_str(&format!("- files of `{}`: exit code {}\n", run.whose.name(), run.exit_code));
        }
        let opened = fs::OpenOptions::new().append(true).create(true).open(file);
        opened
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| Failure::new("could not write the job's summary").because(error))
    }
}
