//! Where events enter the stream: numbered, timed, redacted, once.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use tokio::sync::mpsc::UnboundedSender;

use super::{Envelope, Event, Finding, Phase, Progress};

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
    findings: Vec<String>,
}

impl Emitter {
    /// A stream that begins now; none of the secrets will be in it.
    pub fn new(out: UnboundedSender<Envelope>, secrets: Vec<String>) -> Self {
        let state = Mutex::new(State { next: 0, out, findings: vec![] });
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
    pub fn finding(&self, code: &str, sentence: impl Into<String>, canary: Option<&str>) {
        {
            let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.findings.iter().any(|seen| seen == code) {
                return;
            }
            state.findings.push(code.to_owned());
        }
        let canary = canary.map(str::to_owned);
        self.emit(Event::Finding(Finding { code: code.to_owned(), sentence: sentence.into(), canary }));
    }

    /// Secrets are looked for in the serialised event, so that no field can be forgotten.
    fn redacted(&self, event: Event) -> Event {
        let Ok(text) = serde_json::to_string(&event) else { return event };
        match redact(&text, &self.inner.secrets) {
            None => event,
            Some(clean) => serde_json::from_str(&clean).unwrap_or(event),
        }
    }
}

/// The text without the secrets; `None` where there are none in it.
pub(crate) fn redact(text: &str, secrets: &[String]) -> Option<String> {
    let found = secrets.iter().any(|secret| text.contains(secret.as_str()));
    found.then(|| {
        secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "[redacted]"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_numbered_and_hold_no_secret() {
        let (out, mut read) = tokio::sync::mpsc::unbounded_channel();
        let emitter = Emitter::new(out, vec!["s3cr3t".into()]);
        emitter.progress(Phase::Boot, "token s3cr3t");
        emitter.finding("drift.kind", "once", None);
        emitter.finding("drift.kind", "twice", None);
        let first = read.try_recv().unwrap();
        assert_eq!((first.seq, read.try_recv().unwrap().seq), (0, 1));
        assert!(matches!(first.event, Event::Progress(p) if p.message == "token [redacted]"));
        assert!(read.try_recv().is_err());
    }
}
