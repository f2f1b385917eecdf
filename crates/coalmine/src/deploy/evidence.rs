//! What a runtime leaves behind that explains a failure: its last lines, and the engine's description of it.

use super::{LogTail, Target};
use crate::{
    artifacts::Artifacts,
    event::{Diagnosis, Evidence},
};

/// The file with the runtime's last lines.
const LOG_TAIL: &str = "runtime-tail.log";
/// The most lines of a log that are shown.
const MAX_SHOWN: usize = 5;
/// The most lines in which the name of an error is looked for.
const MAX_SEARCHED: usize = 60;

/// Writes down the runtime's last lines and the engine's description of the container.
pub(super) async fn write(target: &Target, artifacts: &Artifacts, log: &LogTail) {
    let lines = log.lines();
    if !lines.is_empty() {
        write_log_tail(artifacts, &lines);
    }
    write_description(target, artifacts).await;
}

/// Writes down the engine's description of the container, if the runtime is one.
pub(super) async fn write_description(target: &Target, artifacts: &Artifacts) {
    if let Some(description) = target.inspect().await {
        artifacts.write("inspect.json", description.as_bytes());
    }
}

/// Adds the runtime's last lines to a diagnosis.
pub(crate) fn attach_log(diagnosis: &mut Diagnosis, artifacts: &Artifacts, log: &LogTail) {
    let lines = log.lines();
    if lines.is_empty() || diagnosis.evidence.iter().any(|item| item.path.as_deref() == Some(LOG_TAIL)) {
        return;
    }
    let path = write_log_tail(artifacts, &lines);
    let text = decisive(&lines).join("\n");
    diagnosis.evidence.push(Evidence { what: "the runtime's last lines".into(), text, path });
}

fn write_log_tail(artifacts: &Artifacts, lines: &[String]) -> Option<String> {
    artifacts.write(LOG_TAIL, (lines.join("\n") + "\n").as_bytes())
}

/// Returns the lines at the end of a log that say why the runtime ended: from the last line that begins with
/// an error's name, else the last ones.
fn decisive(lines: &[String]) -> &[String] {
    let last = lines.len().saturating_sub(MAX_SHOWN);
    let recent = lines.len().saturating_sub(MAX_SEARCHED);
    let from = lines[recent..].iter().rposition(|line| names_error(line)).map_or(last, |at| recent + at);
    let from = from.min(last);
    &lines[from..lines.len().min(from + MAX_SHOWN)]
}

/// Returns whether a line begins with the name of an error.
fn names_error(line: &str) -> bool {
    let word = line.split([':', ' ']).next().unwrap_or_default();
    ["Error", "Exception", "panic", "ERROR", "FATAL"].iter().any(|name| word.contains(name))
}

#[cfg(test)]
mod tests {
    use super::decisive;

    #[test]
    fn error_is_shown_even_if_a_stack_follows() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let stack = "    at a\n".repeat(12);
        let node = lines(&format!("listening\nSyntaxError: no end\n{stack}\nNode.js v20"));
        assert_eq!(decisive(&node)[0], "SyntaxError: no end");
        let python = lines("Traceback\n  File\n    a()\n  File\n    b()\nValueError: no\n");
        assert_eq!(decisive(&python), &python[1..]);
        let quiet = lines("one\ntwo\nthree\nfour\nfive\nsix, no Error at its begin");
        assert_eq!(decisive(&quiet), &quiet[1..]);
        assert_eq!(decisive(&quiet[..2]), &quiet[..2]);
    }
}
