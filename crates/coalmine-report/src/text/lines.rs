//! Blocks as lines of text. A report that can show more than lines, such as HTML, reads the blocks instead.

use coalmine::event::Mark;

use super::{
    Block, Excerpt, FailedCheck, Line, NotJudged, PathStop, PromptSeen, Proof, Role, Said, SeenMessage,
    Speaker, Turn, rate,
};

/// The most characters of the name of the run's folder.
const MAX_FOLDER: usize = 500;
/// Columns for the role of a message.
const ROLE_WIDTH: usize = "assistant".len();
/// The longest line of a proof that is put behind the file's name.
const MAX_BESIDE: usize = 80;

impl Block {
    /// Returns the lines of the block. `folder`, as the reader would type it, is put in front of file names.
    pub(crate) fn lines(&self, folder: Option<&str>) -> Vec<Line> {
        let line = match self {
            Self::Rounds(rounds) => Line::new("rounds: ").plain(rate(rounds)),
            Self::RoundFailed { round, code, sentence } => {
                Line::new(format!("round {round} failed: {code}: ")).plain(sentence)
            }
            Self::Reason(reason) => Line::new("reason: ").plain(reason),
            Self::Note(note) => Line::new("note: ").plain(note),
            Self::Round { shown, asked } => Line::styled(Role::Dim, format!("round {shown} of {asked}:")),
            Self::Turn(turn) => return of_turn(turn),
            Self::MoreTurns(more) => {
                Line::styled(Role::Dim, format!("({more} more turns are in `summary.json`)"))
            }
            Self::FailedCheck(check) => return of_check(check),
            Self::MoreFailedChecks(more) => {
                Line::new(format!("({more} more failed checks are in `summary.json`)"))
            }
            Self::Prompt(prompt) => return of_prompt(prompt),
            Self::Path(path) => return of_path(path),
            Self::Diagnosis { code, sentence } => {
                Line::styled(Role::Bad, code.id()).plain(": ").plain(sentence)
            }
            Self::NotJudged(problem) => return of_problem(problem),
            Self::Evidence(proof) => return of_proof(proof, folder),
            Self::MoreEvidence(more) => Line::new(format!("evidence: {more} more in `summary.json`")),
            Self::Also(names) => Line::new("also: ").plain(names),
            Self::Explain(code) => {
                Line::new("explain: ").with(Role::Code, format!("coalmine explain {code}"))
            }
            Self::Again(command) => Line::new("again: ").with(Role::Code, command),
        };
        vec![line]
    }
}

fn of_turn(turn: &Turn) -> Vec<Line> {
    let mut head =
        Line::styled(Role::Dim, format!("turn {} in context ", turn.number)).with(Role::Dim, &turn.context);
    if turn.broken {
        head = head.with(Role::Bad, "  ← went wrong here");
    }
    std::iter::once(head).chain(turn.said.iter().map(of_said)).collect()
}

fn of_said(Said { speaker, text }: &Said) -> Line {
    let label = match speaker {
        Speaker::User => "user   ",
        Speaker::File => "file   ",
        Speaker::Agent => "agent  ",
        Speaker::Error => "error  ",
        Speaker::LeftOut => "left out: ",
    };
    Line::new(label).plain(text.clone()).indented()
}

fn of_check(FailedCheck { id, expected, actual }: &FailedCheck) -> Vec<Line> {
    vec![
        Line::styled(Role::Dim, id),
        Line::new("expected  ").plain(expected).indented(),
        Line::new("got       ").plain(actual).indented(),
    ]
}

fn of_prompt(PromptSeen { turn, messages, missing, unwanted }: &PromptSeen) -> Vec<Line> {
    let head =
        Line::styled(Role::Dim, format!("what the model got in turn {turn}, at the end of its prompt"));
    let mut lines = vec![head];
    lines.extend(messages.iter().map(|SeenMessage { role, text }| {
        let padding = " ".repeat(ROLE_WIDTH.saturating_sub(role.text.chars().count()));
        Line::new(role).plain(padding).plain("  ").plain(text).indented()
    }));
    for (label, texts) in [("missing", missing), ("unwanted", unwanted)] {
        if !texts.is_empty() {
            lines.push(of_texts(label, texts).indented());
        }
    }
    lines
}

fn of_texts(label: &'static str, texts: &[Excerpt]) -> Line {
    let mut line = Line::styled(Role::Bad, label).plain(" ".repeat(ROLE_WIDTH - label.len())).plain("  ");
    for (position, text) in texts.iter().enumerate() {
        line = line.plain(if position == 0 { "`" } else { "`, `" }).plain(text);
    }
    line.plain("`")
}

/// Returns `sent ✓ ─ store ✓ ─ prompt ✗ ─ answer · ─ reply ·` and a line for each note.
fn of_path(path: &[PathStop]) -> Vec<Line> {
    let mut marks = Line::default();
    let mut notes = Vec::new();
    for (position, PathStop { step, mark, note }) in path.iter().enumerate() {
        let name = step.name();
        if position > 0 {
            marks = marks.plain(" ─ ");
        }
        marks = match mark {
            Mark::Ok => marks.plain(name).plain(" ").with(Role::Good, "✓"),
            Mark::Broken => marks.with(Role::Bad, name).with(Role::Bad, " ✗"),
            Mark::After => marks.with(Role::Dim, name).with(Role::Dim, " ·"),
            Mark::Unknown => marks.plain(name).plain(" ").with(Role::Warning, "?"),
        };
        notes.extend(note.iter().map(|note| Line::new(name).plain(": ").plain(note).indented()));
    }
    std::iter::once(marks).chain(notes).collect()
}

fn of_problem(NotJudged { code, sentence, cause, canaries, hint }: &NotJudged) -> Vec<Line> {
    let mut lines = vec![Line::styled(Role::Bad, "error").plain(": ").plain(sentence)];
    lines.extend(cause.iter().map(|cause| Line::new("cause: ").plain(cause).indented()));
    lines.extend(canaries.iter().map(|canaries| Line::new("canaries: ").plain(canaries).indented()));
    let mut last = Line::styled(Role::Strong, "hint").plain(": ");
    if let Some(hint) = hint {
        last = last.plain(hint).plain(", or ");
    }
    lines.push(last.plain(format!("see `coalmine explain {code}`")));
    lines
}

fn of_proof(Proof { what, path, lines }: &Proof, folder: Option<&str>) -> Vec<Line> {
    let mut head = Line::new("evidence: ").plain(what);
    if let Some(path) = path {
        if !what.text.is_empty() {
            head = head.plain(": ");
        }
        if let Some(folder) = folder {
            let folder = Excerpt::new(folder.trim_end_matches('/'), MAX_FOLDER);
            head = head.with(Role::Code, &folder).with(Role::Code, "/");
        }
        head = head.with(Role::Code, path);
        if let [line] = &lines[..]
            && line.text.chars().count() <= MAX_BESIDE
        {
            return vec![head.plain(" (").plain(line).plain(")")];
        }
    }
    std::iter::once(head).chain(lines.iter().map(|line| Line::new("| ").plain(line).indented())).collect()
}
