//! GW021: files that the server's parser refuses.

use super::Rule;
use crate::lint::{
    Severity,
    refusal::{Refused, refusals},
    rule::{Applies, Check, Evidence},
    scope::{File, FileScope, Found},
    workflow::WorkflowError,
};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "GW021",
    severity: Severity::Error,
    applies: Applies::EVERYWHERE,
    evidence: Evidence::Measured,
    sentence: "the server ignores the whole file because it cannot be parsed",
    page: include_str!("../../../../../docs/explain/GW021.md"),
    check: Check::File(check),
};

fn check(scope: &mut FileScope<'_>) {
    for refusal in refusals(scope.workflow, scope.server) {
        let help = match refusal.what {
            Refused::Shape => {
                "the parser reads the file into fixed structures, and drops all of it if one value does not fit"
            }
            Refused::Doubt => "indent with blanks, and use only line feeds as line breaks",
            Refused::Runner if scope.server.is_gitea() => "write `NAME: value`, each name once",
            _ => continue,
        };
        scope.error(&refusal.span, refusal.message, help);
    }
}

/// Returns what is wrong with a file that is not YAML.
pub(crate) fn about_yaml(rule: &Rule, index: usize, file: &File<'_>) -> Option<Found> {
    let Err(WorkflowError::Yaml(error)) = &file.parsed else { return None };
    let is_mine = rule.id == RULE.id;
    let end =
        file.source.text[error.at..].chars().next().map_or(error.at, |letter| error.at + letter.len_utf8());
    is_mine.then(|| Found {
        file: Some(index),
        span: Some(error.at..end),
        severity: Severity::Error,
        message: format!("the file is ignored: {error}"),
        help: "put a text with `: ` or ` #` into quotes, or write it as a block after `|`".to_owned(),
    })
}
