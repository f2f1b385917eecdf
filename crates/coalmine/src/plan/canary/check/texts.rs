//! The texts of a canary in which facts are filled in, each with its place.

use super::super::{Canary, ReplyExpect, Turn};

/// A text, and where it stands.
pub(in crate::plan) type Placed<'a> = (String, &'a str);

/// What the user says and sends.
pub(super) fn told(turn: &Turn, at: usize) -> Vec<Placed<'_>> {
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

/// What is expected, by the path of its key.
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

/// What is expected of the reply, each with the path of its block.
pub(super) fn replies(turn: &Turn, at: usize) -> impl Iterator<Item = (String, &ReplyExpect)> {
    let canary_mode =
        turn.canary_mode.iter().map(move |mode| (format!("turn/{at}/canary-mode/reply"), &mode.reply));
    std::iter::once((format!("turn/{at}/expect/reply"), &turn.expect.reply)).chain(canary_mode)
}

/// What stands around the runtime: the texts of skills and peers.
pub(in crate::plan::canary) fn around(canary: &Canary) -> Vec<Placed<'_>> {
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
