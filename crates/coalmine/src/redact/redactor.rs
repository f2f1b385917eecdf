//! The secrets of a run, ready to be searched for.

use std::{borrow::Cow, collections::BTreeSet, fmt, sync::Arc};

use aho_corasick::{
    Anchored,
    automaton::{Automaton, StateID},
    nfa::contiguous::NFA,
};

use super::{
    escape::ESCAPES,
    forms::{Form, forms},
    scan::Scan,
    split::redact_split,
};

/// The secrets of a run. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Redactor {
    inner: Arc<Inner>,
}

struct Inner {
    forms: Vec<Form>,
    /// `None` if there are no secrets.
    automaton: Option<NFA>,
    longest: usize,
    /// The bytes that begin neither a secret nor an escape.
    quiet: [bool; 256],
}

/// Shows no secrets.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("forms", &self.inner.forms.len()).finish_non_exhaustive()
    }
}

/// How far a search has come: a state of the automaton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress(Option<StateID>);

impl Redactor {
    /// Returns a redactor of these secrets; empty ones are ignored.
    pub(crate) fn new(secrets: &[String]) -> Self {
        let all: BTreeSet<Form> = secrets.iter().flat_map(|secret| forms(secret)).collect();
        let forms: Vec<Form> = all.into_iter().collect();
        let longest = forms.iter().map(|form| form.bytes.len()).max().unwrap_or_default();
        let patterns = forms.iter().map(|form| &form.bytes);
        // fails only beyond two billion bytes of secrets
        let automaton = NFA::builder().ascii_case_insensitive(true).prefilter(false).build(patterns).ok();
        let automaton = automaton.filter(|_| !forms.is_empty());
        let begins = |byte: u8| forms.iter().any(|form| form.bytes[0].eq_ignore_ascii_case(&byte));
        let mut quiet = [false; 256];
        for (byte, is_quiet) in (0..=u8::MAX).zip(&mut quiet) {
            *is_quiet = !ESCAPES.contains(&byte) && !begins(byte);
        }
        Self { inner: Arc::new(Inner { forms, automaton, longest, quiet }) }
    }

    /// Returns a text without secrets; `None` if it holds none. What stands at its end and is half of a secret
    /// counts as one, because the rest may have been cut off.
    pub(crate) fn text(&self, text: &str) -> Option<String> {
        let mut scan = Scan::new(self);
        scan.push(text.as_bytes());
        let clean = scan.finish_excerpt()?;
        Some(String::from_utf8_lossy(&clean).into_owned())
    }

    /// Returns a piece of evidence without secrets, cut to `max` bytes. A secret is also found if it is split
    /// over texts that belong together, such as the chunks of a streamed reply.
    pub(crate) fn evidence(&self, content: &[u8], max: usize) -> Vec<u8> {
        let cut = content.get(..max).unwrap_or(content);
        let whole: Cow<'_, [u8]> = redact_split(self, cut);
        let mut scan = Scan::new(self);
        scan.push(&whole);
        if cut.len() < content.len() { scan.cut() } else { scan.finish() }
    }

    /// Returns the length of the longest form of a secret.
    pub(super) fn longest(&self) -> usize {
        self.inner.longest
    }

    /// Returns the beginning of a search.
    pub(super) fn begin(&self) -> Progress {
        let automaton = self.inner.automaton.as_ref();
        Progress(automaton.and_then(|automaton| automaton.start_state(Anchored::No).ok()))
    }

    /// Returns how many bytes at the beginning of a text begin neither a secret nor an escape.
    pub(super) fn quiet(&self, text: &[u8]) -> usize {
        text.iter().position(|byte| !self.inner.quiet[usize::from(*byte)]).unwrap_or(text.len())
    }

    /// Returns how far a search has come after one more byte.
    pub(super) fn next(&self, progress: Progress, byte: u8) -> Progress {
        let (Some(automaton), Some(state)) = (&self.inner.automaton, progress.0) else { return progress };
        Progress(Some(automaton.next_state(Anchored::No, state, byte)))
    }

    /// Returns the length of the longest form that ends here. `at` returns the byte so far before the end.
    pub(super) fn found(&self, progress: Progress, at: impl Fn(usize) -> Option<u8>) -> Option<usize> {
        let (automaton, state) = (self.inner.automaton.as_ref()?, progress.0?);
        if !automaton.is_match(state) {
            return None;
        }
        let all = (0..automaton.match_len(state)).map(|index| automaton.match_pattern(state, index));
        let forms = all.filter_map(|id| self.inner.forms.get(id.as_usize()));
        let is_there = |form: &&Form| {
            !form.exact || form.bytes.iter().rev().zip(1..).all(|(byte, before)| at(before) == Some(*byte))
        };
        forms.filter(is_there).map(|form| form.bytes.len()).max()
    }

    /// Returns where a piece begins at the end of a text that may be the beginning of a secret, if it is long
    /// enough: `is_enough` gets its length and that of the secret.
    pub(super) fn open_end(&self, text: &[u8], is_enough: impl Fn(usize, usize) -> bool) -> Option<usize> {
        let from = text.len().saturating_sub(self.inner.longest);
        (from..text.len()).find(|at| {
            let piece = &text[*at..];
            self.inner.forms.iter().any(|form| {
                let beginning = form.bytes.get(..piece.len());
                is_enough(piece.len(), form.bytes.len())
                    && beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(piece))
            })
        })
    }
}
