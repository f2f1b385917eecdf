//! Whether everything that a run wrote can be opened, and is harmless.

use camino::Utf8Path;
use fs_err as fs;
use quick_xml::{Reader, events::Event};
use serde::de::IgnoredAny;

use super::{place::Place, subject::Measured};

/// Returns what is wrong with the reports, the evidence and the output.
pub(super) fn problems(place: &Place, measured: &Measured) -> Vec<String> {
    let out = place.out();
    let mut problems = vec![];
    let mut note = |name: &str, problem: Option<String>| {
        problems.extend(problem.map(|problem| format!("{name}: {problem}")))
    };
    note("stdout", harmful(&String::from_utf8_lossy(&measured.stdout), true));
    note("stderr", harmful(&String::from_utf8_lossy(&measured.stderr), true));
    let is_over = measured.code.is_some_and(|code| code <= 2);
    if is_over && measured.summary.is_none() && measured.code != Some(2) {
        note("summary.json", Some("it cannot be read".to_owned()));
    }
    for (name, check) in CHECKS {
        match read(&out.join(name)) {
            Ok(Some(text)) => note(name, check(&text).or_else(|| harmful(&text, false))),
            Ok(None) => note(name, (is_over && measured.code != Some(2)).then(|| "it is missing".to_owned())),
            Err(problem) => note(name, Some(problem)),
        }
    }
    for folder in ["wire", "session-store"] {
        note(folder, unreadable(&out.join(folder)));
    }
    if let (true, Some(_)) = (is_over, &measured.summary) {
        note("coalmine report", rebuilt(place, measured));
    }
    problems
}

/// How the commands begin that coalmine itself gives to a CI job. The attacks hold none of these.
const OWN_COMMANDS: [&str; 3] = ["::group::coalmine: ", "::endgroup::", "::error title=coalmine "];

type Check = fn(&str) -> Option<String>;

const CHECKS: [(&str, Check); 4] =
    [("events.ndjson", lines), ("journal.ndjson", lines), ("summary.json", json), ("junit.xml", xml)];

/// Returns the text of a report, or nothing if it is missing.
fn read(path: &Utf8Path) -> Result<Option<String>, String> {
    match fs::symlink_metadata(path) {
        // what the attack put there is not a report
        Ok(metadata) if !metadata.is_file() => Ok(None),
        Ok(_) => fs::read_to_string(path).map(Some).map_err(|error| error.to_string()),
        Err(_) => Ok(None),
    }
}

fn json(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).err().map(|error| error.to_string())
}

fn lines(text: &str) -> Option<String> {
    text.lines().find_map(json)
}

fn xml(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut cases) = (0_usize, 0_usize);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                depth += 1;
                cases += usize::from(start.name().as_ref() == b"testcase");
            }
            Ok(Event::Empty(start)) => cases += usize::from(start.name().as_ref() == b"testcase"),
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) if depth == 0 && cases > 0 => return None,
            Ok(Event::Eof) => return Some(format!("{cases} test cases, {depth} elements left open")),
            Ok(_) => {}
            Err(error) => return Some(error.to_string()),
        }
    }
}

/// Returns the first thing in a text that does more than be read: a control character, one that changes the direction of
/// the writing, or, if a CI job reads it, a command.
fn harmful(text: &str, is_log: bool) -> Option<String> {
    let is_harmful = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
    };
    if let Some(letter) = text.chars().find(|letter| is_harmful(*letter)) {
        return Some(format!("it holds {letter:?}"));
    }
    let is_command = |line: &&str| {
        let is_own = OWN_COMMANDS.iter().any(|own| line.starts_with(own));
        (line.trim_start().starts_with("::") && !is_own)
            || line.contains("##[")
            || line.contains("##vso[")
            || line.trim_start().starts_with("section_start:")
    };
    let command = text.lines().find(|line| is_log && is_command(line))?;
    Some(format!("it holds the command {command:?}"))
}

/// Returns a file of evidence that cannot be read.
fn unreadable(folder: &Utf8Path) -> Option<String> {
    if fs::symlink_metadata(folder).is_ok_and(|metadata| !metadata.is_dir()) {
        return None;
    }
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let problem = match fs::symlink_metadata(entry.path()) {
            Ok(metadata) if metadata.is_file() => fs::read(entry.path()).err().map(|error| error.to_string()),
            Ok(_) => Some(format!("{} is not a regular file", entry.file_name())),
            Err(error) => Some(error.to_string()),
        };
        if problem.is_some() {
            return problem;
        }
    }
    None
}

/// Rebuilds the reports from the events, and returns what is wrong with that.
fn rebuilt(place: &Place, measured: &Measured) -> Option<String> {
    let mut report = place.coalmine(None);
    let done = match report.args(["report", "out"]).output() {
        Ok(done) => done,
        Err(error) => return Some(error.to_string()),
    };
    let printed = String::from_utf8_lossy(&done.stderr);
    if done.status.code() != measured.code {
        return Some(format!(
            "exit code {:?}: {}",
            done.status.code(),
            printed.lines().last().unwrap_or_default()
        ));
    }
    harmful(&printed, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_cursor_or_commands_is_harmful() {
        for (text, is_log) in [
            ("a\u{1b}[2J", false),
            ("\u{9b}", false),
            ("\u{202e}", false),
            ("\r\n", false),
            ("a\n ::error::b", true),
            ("##[error]", true),
        ] {
            assert!(harmful(text, is_log).is_some(), "{text:?}");
        }
        assert_eq!(harmful("::group::coalmine: all 3 canaries\n::endgroup::\n", true), None);
        assert_eq!(harmful("a line\n  a::b\n✓ é", true), None);
        assert_eq!(harmful("{\"text\": \"##[error]\"}", false), None);
    }

    #[test]
    fn broken_reports_are_found() {
        assert_eq!((json("{}"), lines("{}\n[]\n"), xml("<a><testcase/></a>")), (None, None, None));
        for problem in [json("{"), lines("{}\n{\n"), xml("<a><testcase></a>"), xml("<a>"), xml("<a/>")] {
            assert!(problem.is_some());
        }
    }
}
