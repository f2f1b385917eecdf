//! Where events enter the stream: numbered, timed, redacted, once.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use super::{Code, Envelope, Event, Finding, Phase, Progress};

/// Most findings of a code of which several are told.
const MAX_OF_A_CODE: usize = 20;

/// Puts events into the stream. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Emitter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    began: Instant,
    secrets: Vec<String>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    next: u64,
    out: UnboundedSender<Envelope>,
    /// Kinds that were told, by code.
    findings: HashMap<Code, HashSet<String>>,
}

impl Emitter {
    /// A stream that begins now; none of the secrets will be in it.
    pub fn new(out: UnboundedSender<Envelope>, secrets: Vec<String>) -> Self {
        let state = Mutex::new(State { next: 0, out, findings: HashMap::new() });
        Self { inner: Arc::new(Inner { began: Instant::now(), secrets, state }) }
    }

    /// Milliseconds since the stream began.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.inner.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Puts one event into the stream. A stream that nobody reads any more takes it and forgets it.
    pub fn emit(&self, event: Event) {
        let event = self.redacted(event);
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        let envelope = Envelope { seq: state.next, at_ms: self.elapsed_ms(), event };
        state.next += 1;
        let _ = state.out.send(envelope);
    }

    /// Tells what is going on.
    pub fn progress(&self, phase: Phase, message: impl Into<String>) {
        self.emit(Event::Progress(Progress { phase, message: message.into(), done: None, total: None }));
    }

    /// Tells a finding, each code once.
    pub fn finding(&self, code: Code, sentence: impl Into<String>, canary: Option<&str>) {
        if self.is_new(code, String::new(), 1) {
            let canary = canary.map(str::to_owned);
            self.emit(Event::Finding(Finding { code, sentence: sentence.into(), canary }));
        }
    }

    /// Tells a finding, each sentence once whatever the numbers in it, and not more than a few of a code.
    pub fn finding_each(&self, code: Code, sentence: String, canary: Option<&str>) {
        let kind = sentence.chars().filter(|c| !c.is_ascii_digit()).collect();
        if self.is_new(code, kind, MAX_OF_A_CODE) {
            let canary = canary.map(str::to_owned);
            self.emit(Event::Finding(Finding { code, sentence, canary }));
        }
    }

    /// Whether a finding of this kind was not told yet, nor so many of its code.
    fn is_new(&self, code: Code, kind: String, most: usize) -> bool {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        let told = state.findings.entry(code).or_default();
        told.len() < most && told.insert(kind)
    }

    /// Secrets are looked for in the serialised event, so that no field can be forgotten. One that is a word of the
    /// format itself is left where it would break it, and does not keep the others from being redacted.
    fn redacted(&self, event: Event) -> Event {
        let Ok(value) = serde_json::to_value(&event) else { return event };
        let found = self.inner.secrets.iter().filter(|secret| holds(&value, secret));
        found.fold(event, |event, secret| without(&event, secret).unwrap_or(event))
    }
}

fn holds(value: &Value, secret: &str) -> bool {
    match value {
        Value::String(text) => text.contains(secret),
        Value::Array(all) => all.iter().any(|value| holds(value, secret)),
        Value::Object(all) => all.values().any(|value| holds(value, secret)),
        _ => false,
    }
}

/// The event with every text free of a secret.
fn without(event: &Event, secret: &str) -> Option<Event> {
    let mut value = serde_json::to_value(event).ok()?;
    redact(&mut value, secret);
    serde_json::from_value(value).ok()
}

fn redact(value: &mut Value, secret: &str) {
    match value {
        Value::String(text) if text.contains(secret) => *text = text.replace(secret, "[redacted]"),
        Value::Array(all) => all.iter_mut().for_each(|value| redact(value, secret)),
        Value::Object(all) => all.values_mut().for_each(|value| redact(value, secret)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_any_letters_is_redacted_whatever_the_others_are() {
        let (out, mut read) = tokio::sync::mpsc::unbounded_channel();
        let secrets = ["progress", "boot", "a\"b\\c", "12345678"].map(str::to_owned);
        let emitter = Emitter::new(out, secrets.into());
        let told = Progress {
            phase: Phase::Boot,
            message: "with a\"b\\c, in 12345678 steps".into(),
            done: Some(12_345_678),
            total: None,
        };
        emitter.emit(Event::Progress(told));
        let Event::Progress(read) = read.try_recv().unwrap().event else { panic!() };
        assert_eq!(read.message, "with [redacted], in [redacted] steps");
        assert_eq!((read.phase, read.done), (Phase::Boot, Some(12_345_678)));
    }

    #[test]
    fn events_are_numbered_and_hold_no_secret() {
        let (out, mut read) = tokio::sync::mpsc::unbounded_channel();
        let emitter = Emitter::new(out, vec!["s3cr3t".into()]);
        emitter.progress(Phase::Boot, "token s3cr3t");
        emitter.finding(Code::DriftKind, "once", None);
        emitter.finding(Code::DriftKind, "twice", None);
        let first = read.try_recv().unwrap();
        assert_eq!((first.seq, read.try_recv().unwrap().seq), (0, 1));
        assert!(matches!(first.event, Event::Progress(p) if p.message == "token [redacted]"));
        assert!(read.try_recv().is_err());
    }

    #[test]
    fn findings_of_one_code_differ_by_more_than_numbers() {
        let (out, mut read) = tokio::sync::mpsc::unbounded_channel();
        let emitter = Emitter::new(out, vec![]);
        for told in ["messages.0 is empty", "messages.12 is empty", "no model"] {
            emitter.finding_each(Code::ProviderLenient, told.into(), Some("name-recall"));
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
}
