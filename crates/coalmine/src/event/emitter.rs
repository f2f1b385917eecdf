//! The entry to the event stream, which numbers, times and redacts events.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use super::{Code, Envelope, Event, Finding, Phase, Progress, Severity};
use crate::redact::Redactor;

/// The highest number of findings of one code.
const MAX_OF_A_CODE: usize = 20;

/// The sending end of the event stream. Clones are cheap and send into the same stream.
#[derive(Debug, Clone)]
pub struct Emitter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    began: Instant,
    redactor: Redactor,
    /// The least severity of any finding.
    findings: Severity,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    next: u64,
    out: UnboundedSender<Envelope>,
    /// The kinds of findings that were emitted, by code.
    findings: HashMap<Code, HashSet<String>>,
    /// Whether one of them fails the run.
    failed: bool,
}

impl Emitter {
    /// Returns the sending end of a stream that begins now. The secrets are redacted in every event.
    /// No finding about the runtime is less severe than `findings`.
    pub fn new(out: UnboundedSender<Envelope>, secrets: Vec<String>, findings: Severity) -> Self {
        let redactor = Redactor::new(&secrets);
        let state = Mutex::new(State { next: 0, out, findings: HashMap::new(), failed: false });
        Self { inner: Arc::new(Inner { began: Instant::now(), redactor, findings, state }) }
    }

    /// Returns the time since the stream began, in milliseconds.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.inner.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Emits an event. It is dropped if the receiver is gone.
    pub fn emit(&self, event: Event) {
        let event = self.redacted(event);
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        let envelope = Envelope { seq: state.next, at_ms: self.elapsed_ms(), event };
        state.next += 1;
        let _ = state.out.send(envelope);
    }

    /// Emits what is in progress.
    pub fn progress(&self, phase: Phase, message: impl Into<String>) {
        self.emit(Event::Progress(Progress { phase, message: message.into(), done: None, total: None }));
    }

    /// Emits a finding, unless one of the same code was emitted before.
    pub fn finding(&self, code: Code, sentence: impl Into<String>, canary: Option<&str>) {
        if self.is_new(code, String::new(), 1) {
            self.emit_finding(code, code.severity(), sentence.into(), canary);
        }
    }

    /// Emits a finding, unless one was emitted before whose sentence differs only in digits, or too many of
    /// its code were.
    pub fn finding_each(&self, code: Code, sentence: String, canary: Option<&str>) {
        self.finding_with(code, code.severity(), sentence, canary);
    }

    /// Emits a finding as [`Self::finding_each`] does, with a severity of its own.
    pub fn finding_with(&self, code: Code, severity: Severity, sentence: String, canary: Option<&str>) {
        let kind = sentence.chars().filter(|c| !c.is_ascii_digit()).collect();
        if self.is_new(code, kind, MAX_OF_A_CODE) {
            self.emit_finding(code, severity, sentence, canary);
        }
    }

    fn emit_finding(&self, code: Code, severity: Severity, sentence: String, canary: Option<&str>) {
        let least = if code.is_about_the_machine() { Severity::Warn } else { self.inner.findings };
        let severity = severity.max(least);
        if severity == Severity::Fail {
            self.inner.state.lock().unwrap_or_else(PoisonError::into_inner).failed = true;
        }
        self.emit(Event::Finding(Finding { code, severity, sentence, canary: canary.map(str::to_owned) }));
    }

    /// Returns whether a finding fails the run.
    pub fn has_failing_finding(&self) -> bool {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner).failed
    }

    /// Returns whether no finding of this kind, and fewer than `max` of this code, were emitted before; and
    /// counts it.
    fn is_new(&self, code: Code, kind: String, max: usize) -> bool {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        let kinds = state.findings.entry(code).or_default();
        kinds.len() < max && kinds.insert(kind)
    }

    /// Redacts the serialized event, so that no field can be forgotten.
    fn redacted(&self, event: Event) -> Event {
        let Ok(mut value) = serde_json::to_value(&event) else { return event };
        if !redact(&mut value, &mut |text| self.inner.redactor.text(text)) {
            return event;
        }
        match serde_json::from_value(value) {
            Ok(event) => event,
            Err(_) => self.redacted_word_by_word(event),
        }
    }

    /// Redacts an event that cannot be read without a secret that is also a word of the format: that word
    /// stays.
    fn redacted_word_by_word(&self, mut event: Event) -> Event {
        let (mut words, mut kept) = (1, 0);
        while kept < words {
            let Ok(mut value) = serde_json::to_value(&event) else { return event };
            words = 0;
            redact(&mut value, &mut |text| {
                let clean = self.inner.redactor.text(text).filter(|clean| clean != text)?;
                words += 1;
                (words == kept + 1).then_some(clean)
            });
            match serde_json::from_value(value) {
                Ok(clean) if words > kept && clean != event => event = clean,
                _ => kept += 1,
            }
        }
        event
    }
}

/// Replaces texts by what `clean` makes of them. Returns whether there were any.
fn redact(value: &mut Value, clean: &mut dyn FnMut(&str) -> Option<String>) -> bool {
    match value {
        Value::String(text) => clean(text).is_some_and(|clean| {
            *text = clean;
            true
        }),
        Value::Array(all) => all.iter_mut().fold(false, |changed, value| redact(value, clean) | changed),
        Value::Object(all) => all.values_mut().fold(false, |changed, value| redact(value, clean) | changed),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redacts_secrets_of_any_characters() {
        let (out, mut read) = tokio::sync::mpsc::unbounded_channel();
        let secrets = ["progress", "boot", "a\"b\\c", "12345678"].map(str::to_owned);
        let emitter = Emitter::new(out, secrets.into(), Severity::Warn);
        let progress = Progress {
            phase: Phase::Boot,
            message: "with a\"b\\c, in 12345678 steps".into(),
            done: Some(12_345_678),
            total: None,
        };
        emitter.emit(Event::Progress(progress));
        let Event::Progress(read) = read.try_recv().unwrap().event else { panic!() };
        assert_eq!(read.message, "with [redacted], in [redacted] steps");
        assert_eq!((read.phase, read.done), (Phase::Boot, Some(12_345_678)));
    }

    #[test]
    fn numbers_and_redacts_events() {
        let (out, mut read) = tokio::sync::mpsc::unbounded_channel();
        let emitter = Emitter::new(out, vec!["s3cr3t".into()], Severity::Warn);
        emitter.progress(Phase::Boot, "token s3cr3t");
        emitter.finding(Code::DriftKind, "once", None);
        emitter.finding(Code::DriftKind, "twice", None);
        let first = read.try_recv().unwrap();
        assert_eq!((first.seq, read.try_recv().unwrap().seq), (0, 1));
        assert!(matches!(first.event, Event::Progress(p) if p.message == "token [redacted]"));
        assert!(read.try_recv().is_err());
    }

    #[test]
    fn findings_differ_by_more_than_digits() {
        let (out, mut read) = tokio::sync::mpsc::unbounded_channel();
        let emitter = Emitter::new(out, vec![], Severity::Warn);
        for sentence in ["messages.0 is empty", "messages.12 is empty", "no model"] {
            emitter.finding_each(Code::ProviderLenient, sentence.into(), Some("name-recall"));
        }
        let mut sentence = || match read.try_recv().map(|envelope| envelope.event) {
            Ok(Event::Finding(finding)) => Some(finding.sentence),
            _ => None,
        };
        assert_eq!(sentence().as_deref(), Some("messages.0 is empty"));
        assert_eq!(sentence().as_deref(), Some("no model"));
        assert_eq!(sentence(), None);
        for word in ["a", "b"].iter().cycle().take(100).enumerate().map(|(at, word)| word.repeat(at)) {
            emitter.finding_each(Code::ProviderLenient, word, None);
        }
        let more = std::iter::from_fn(|| read.try_recv().ok()).count();
        assert_eq!(more, MAX_OF_A_CODE - 2);
    }

    #[test]
    fn severe_findings_fail_the_run() {
        let severities = |least: Severity| {
            let (out, mut read) = tokio::sync::mpsc::unbounded_channel();
            let emitter = Emitter::new(out, vec![], least);
            emitter.finding(Code::DriftKind, "odd", None);
            let failed = emitter.has_failing_finding();
            emitter.finding(Code::RunFailedBesideOthers, "mixed up", None);
            let mut severity = || match read.try_recv().unwrap().event {
                Event::Finding(finding) => finding.severity,
                _ => panic!(),
            };
            (severity(), severity(), failed, emitter.has_failing_finding())
        };
        assert_eq!(severities(Severity::Warn), (Severity::Warn, Severity::Fail, false, true));
        assert_eq!(severities(Severity::Fail), (Severity::Fail, Severity::Fail, true, true));
    }

    #[test]
    fn findings_about_the_machine_fail_nothing() {
        let (out, mut read) = tokio::sync::mpsc::unbounded_channel();
        let emitter = Emitter::new(out, vec![], Severity::Fail);
        for code in [Code::RunHostReachable, Code::RunSwept] {
            emitter.finding(code, "odd", None);
            let event = read.try_recv().unwrap().event;
            assert!(matches!(event, Event::Finding(finding) if finding.severity == Severity::Warn), "{code}");
        }
        assert!(!emitter.has_failing_finding());
    }
}
