//! The texts of a canary that facts are filled into, each with its path in the file.

use super::super::{Canary, ReplyExpect, Turn};

/// The path of a text, and the text.
pub(in crate::plan) type Placed<'a> = (String, &'a str);

/// Returns what the user says and sends.
pub(super) fn sent(turn: &Turn, at: usize) -> Vec<Placed<'_>> {
    let mut all: Vec<Placed<'_>> =
        turn.say.iter().map(|say| (format!("turn/{at}/say"), say.as_str())).collect();
    let one = turn.file.iter().map(|file| (format!("turn/{at}/file"), file));
    let more = turn.files.iter().enumerate().map(|(i, file)| (format!("turn/{at}/files/{i}"), file));
    for (path, file) in one.chain(more) {
        all.push((format!("{path}/name"), &file.name));
        all.push((format!("{path}/content"), &file.content));
    }
    all
}

/// Returns all texts that are expected.
pub(super) fn expected(turn: &Turn, at: usize) -> Vec<Placed<'_>> {
    let mut all = vec![];
    for (key, texts) in turn.expect.lists() {
        let path = format!("turn/{at}/expect/{key}");
        all.extend(texts.iter().enumerate().map(|(i, text)| (format!("{path}/{i}"), text.as_str())));
    }
    for reply in turn.canary_mode.iter().map(|mode| &mode.reply) {
        for (key, texts) in reply.lists() {
            let path = format!("turn/{at}/canary-mode/reply/{key}");
            all.extend(texts.iter().enumerate().map(|(i, text)| (format!("{path}/{i}"), text.as_str())));
        }
    }
    all
}

/// Returns the expectations of the reply, each with its path.
pub(super) fn replies(turn: &Turn, at: usize) -> impl Iterator<Item = (String, &ReplyExpect)> {
    let canary_mode =
        turn.canary_mode.iter().map(move |mode| (format!("turn/{at}/canary-mode/reply"), &mode.reply));
    std::iter::once((format!("turn/{at}/expect/reply"), &turn.expect.reply)).chain(canary_mode)
}

/// Returns the texts of skills and peers.
pub(in crate::plan::canary) fn given(canary: &Canary) -> Vec<Placed<'_>> {
    let mut all: Vec<Placed<'_>> = vec![];
    for (i, skill) in canary.skills.iter().enumerate() {
        all.push((format!("skill/{i}/description"), &skill.description));
        all.push((format!("skill/{i}/text"), &skill.text));
    }
    for (i, peer) in canary.peers.iter().enumerate() {
        let answers = peer.answer.iter().enumerate();
        all.extend(answers.map(|(k, answer)| (format!("peer/{i}/answer/{k}/reply"), answer.reply.as_str())));
    }
    all
}
