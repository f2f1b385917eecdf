//! What a diagnosis says: why a canary failed, or why something could not be judged.

use coalmine::event::{Diagnosis, Evidence, Mark, PathStep};

use super::{Block, Excerpt, NotJudged, PathStop, Proof};

/// The most characters of one text.
const MAX_TEXT: usize = 500;
/// The most characters of a note on the path.
const MAX_NOTE: usize = 300;
const MAX_EVIDENCE: usize = 8;
/// The most lines of one piece of evidence.
const MAX_LINES: usize = 8;

/// Returns why a canary failed: the path, the sentence, the evidence and the code to look up.
pub(super) fn failed(diagnosis: &Diagnosis) -> Vec<Block> {
    let mut blocks = Vec::new();
    if !diagnosis.path.is_empty() {
        blocks.push(Block::Path(diagnosis.path.iter().map(|step| stop(step, diagnosis)).collect()));
    }
    let sentence = Excerpt::new(&diagnosis.sentence, MAX_TEXT);
    blocks.push(Block::Diagnosis { code: diagnosis.code, sentence });
    blocks.extend(evidence(&diagnosis.evidence));
    blocks.push(Block::Explain(diagnosis.code));
    blocks
}

/// Returns why something could not be judged, with the evidence. `canaries` are the ids to list.
pub(super) fn not_judged(
    diagnosis: &Diagnosis,
    reason: Option<&str>,
    canaries: Option<Excerpt>,
) -> Vec<Block> {
    let text = |text: &str| Excerpt::new(text, MAX_TEXT);
    let mut blocks = vec![Block::NotJudged(NotJudged {
        code: diagnosis.code,
        sentence: text(&diagnosis.sentence),
        cause: cause(diagnosis, reason).map(text),
        canaries,
        hint: diagnosis.hint.as_deref().map(text),
    })];
    blocks.extend(evidence(&diagnosis.evidence));
    blocks
}

/// Returns the cause that the diagnosis names, else the reason, else what was seen where the turn broke.
fn cause<'a>(diagnosis: &'a Diagnosis, reason: Option<&'a str>) -> Option<&'a str> {
    let broken = diagnosis.path.iter().find(|step| step.mark == Mark::Broken);
    let seen = broken.map(|step| step.note.as_str()).filter(|note| !note.is_empty());
    diagnosis.cause.as_deref().or(reason).or(seen).filter(|cause| *cause != diagnosis.sentence)
}

fn stop(PathStep { step, mark, note }: &PathStep, diagnosis: &Diagnosis) -> PathStop {
    let noteworthy = matches!(mark, Mark::Broken | Mark::Unknown);
    let is_new = !note.is_empty() && *note != diagnosis.sentence;
    let note = (noteworthy && is_new).then(|| Excerpt::new(note, MAX_NOTE));
    PathStop { step: *step, mark: *mark, note }
}

fn evidence(evidence: &[Evidence]) -> Vec<Block> {
    let mut blocks: Vec<_> =
        evidence.iter().take(MAX_EVIDENCE).map(|item| Block::Evidence(proof(item))).collect();
    if evidence.len() > MAX_EVIDENCE {
        blocks.push(Block::MoreEvidence(evidence.len() - MAX_EVIDENCE));
    }
    blocks
}

fn proof(Evidence { what, text, path }: &Evidence) -> Proof {
    Proof {
        what: Excerpt::new(what, MAX_TEXT),
        path: path.as_ref().filter(|path| !path.is_empty()).map(|path| Excerpt::new(path, MAX_TEXT)),
        lines: text.lines().take(MAX_LINES).map(|line| Excerpt::new(line, MAX_TEXT)).collect(),
    }
}
