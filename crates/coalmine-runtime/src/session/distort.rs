//! The faults of the layer `prompt` that concern what the model is shown of a session.

use super::view::{Shown, View};
use crate::{
    attachment::{Attachment, Body},
    fault::{Fault, Faults},
};

/// Turns in the window of ten messages: each is a question and an answer.
const WINDOW: usize = 5;
/// Where large files are cut, in bytes.
const CUT: usize = 1_000_000;

/// Breaks a view in the way that is switched on, if any.
pub(super) fn distort(view: &mut View<'_>, faults: Faults) {
    match faults.active() {
        Some(Fault::PromptHistoryDropped) => view.earlier.clear(),
        Some(Fault::PromptWindowOfTen) => {
            view.earlier.drain(..view.earlier.len().saturating_sub(WINDOW));
        }
        Some(Fault::PromptHistoryReversed) => view.earlier.reverse(),
        Some(Fault::PromptFilesForgotten) => view.earlier.iter_mut().for_each(|turn| turn.files.clear()),
        Some(Fault::PromptFileDropped) => each(view, |message| {
            if !message.text.is_empty() {
                message.files.clear();
            }
        }),
        Some(Fault::PromptFirstFileOnly) => each(view, |message| message.files.truncate(1)),
        Some(Fault::PromptBinaryDropped) => {
            each(view, |message| message.files.retain(|file| file.text().is_some()));
        }
        Some(Fault::PromptLargeFileCut) => {
            each(view, |message| message.files.iter_mut().for_each(|file| cut(file.to_mut())));
        }
        _ => {}
    }
}

/// The answer of a runtime that takes a message for an empty prompt.
pub(super) fn refusal(now: &Shown<'_>, faults: Faults) -> Option<&'static str> {
    let refused = match faults.active() {
        Some(Fault::PromptFileOnlyRefused) => now.text.is_empty(),
        Some(Fault::PromptEmptyFileRefused) => now.files.iter().any(|file| file.text() == Some("")),
        _ => false,
    };
    refused.then_some("(empty prompt — nothing to do)")
}

fn each(view: &mut View<'_>, change: impl Fn(&mut Shown<'_>)) {
    view.earlier.iter_mut().chain([&mut view.now]).for_each(change);
}

fn cut(file: &mut Attachment) {
    match &mut file.body {
        Body::Text(text) => text.truncate(text.floor_char_boundary(CUT)),
        // Four characters of base64 are three bytes.
        Body::Base64(base64) => base64.truncate(CUT / 3 * 4),
    }
}
