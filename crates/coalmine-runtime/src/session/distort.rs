//! The faults of the layer `prompt` that change what the model sees of a session.

use super::view::{View, VisibleTurn};
use crate::{
    attachment::{Attachment, Body},
    fault::{Fault, Faults},
};

/// The turns in a window of ten messages. Each turn has a question and an answer.
const WINDOW: usize = 5;
/// The bytes of a file that are left after truncation.
const TRUNCATED: usize = 1_000_000;

/// Breaks a view in the way of the active fault, if any.
pub(super) fn distort(view: &mut View<'_>, faults: Faults) {
    match faults.active() {
        Some(Fault::PromptHistoryDropped) => view.earlier.clear(),
        Some(Fault::PromptWindowOfTen) => {
            view.earlier.drain(..view.earlier.len().saturating_sub(WINDOW));
        }
        Some(Fault::PromptHistoryReversed) => view.earlier.reverse(),
        Some(Fault::PromptFilesForgotten) => view.earlier.iter_mut().for_each(|turn| turn.files.clear()),
        Some(Fault::PromptFileDropped) => for_each_turn(view, |turn| {
            if !turn.text.is_empty() {
                turn.files.clear();
            }
        }),
        Some(Fault::PromptFirstFileOnly) => for_each_turn(view, |turn| turn.files.truncate(1)),
        Some(Fault::PromptBinaryDropped) => {
            for_each_turn(view, |turn| turn.files.retain(|file| file.text().is_some()));
        }
        Some(Fault::PromptLargeFileCut) => {
            for_each_turn(view, |turn| turn.files.iter_mut().for_each(|file| truncate(file.to_mut())));
        }
        _ => {}
    }
}

/// Returns the answer of a runtime that treats the message as an empty prompt.
pub(super) fn refusal(current: &VisibleTurn<'_>, faults: Faults) -> Option<&'static str> {
    let refused = match faults.active() {
        Some(Fault::PromptFileOnlyRefused) => current.text.is_empty(),
        Some(Fault::PromptEmptyFileRefused) => current.files.iter().any(|file| file.text() == Some("")),
        _ => false,
    };
    refused.then_some("(empty prompt — nothing to do)")
}

fn for_each_turn(view: &mut View<'_>, change: impl Fn(&mut VisibleTurn<'_>)) {
    view.earlier.iter_mut().chain([&mut view.current]).for_each(change);
}

fn truncate(file: &mut Attachment) {
    match &mut file.body {
        Body::Text(text) => text.truncate(text.floor_char_boundary(TRUNCATED)),
        // Four characters of base64 are three bytes.
        Body::Base64(base64) => base64.truncate(TRUNCATED / 3 * 4),
    }
}
