//! Streams of events as the engine writes them.

use coalmine::event::{Severity, *};

pub(crate) struct Stream {
    pub(crate) events: Vec<Envelope>,
}

impl Stream {
    pub(crate) fn started() -> Self {
        Self::of(started())
    }

    pub(crate) fn of(started: RunStarted) -> Self {
        Self { events: Vec::new() }.then(Event::RunStarted(started))
    }

    pub(crate) fn then(mut self, event: Event) -> Self {
        let seq = self.events.len() as u64;
        self.events.push(Envelope { seq, at_ms: seq * 10, event });
        self
    }

    pub(crate) fn ready(self) -> Self {
        self.then(Event::TargetReady(TargetReady {
            took_ms: 9,
            card_url: "http://127.0.0.1:4242/.well-known/agent-card.json".into(),
            rpc_url: "http://127.0.0.1:4242/".into(),
            dialect: "0.3".into(),
            agent: "Reference".into(),
            image_digest: None,
        }))
    }

    pub(crate) fn canary(self, report: CanaryReport) -> Self {
        self.then(Event::CanaryStarted { id: report.id.clone() }).then(Event::CanaryEnded(report))
    }

    pub(crate) fn ended(self) -> Self {
        self.ended_with(|_| {})
    }

    pub(crate) fn ended_with(self, change: impl FnOnce(&mut RunEnded)) -> Self {
        let mut counts = Counts::default();
        for envelope in &self.events {
            if let Event::CanaryEnded(report) = &envelope.event {
                counts.add(report.verdict);
            }
        }
        let strict = self.events.iter().any(|one| matches!(&one.event, Event::RunStarted(s) if s.run.strict));
        let target = TargetInfo { dialect: Some("0.3".into()), ..started().target };
        let (verdict, duration_ms) = (counts.verdict(strict), 123);
        let mut end = RunEnded {
            duration_ms,
            verdict,
            counts,
            interrupted: false,
            target,
            diagnosis: None,
            causes: vec![],
            kept: vec![],
        };
        change(&mut end);
        self.then(Event::RunEnded(end))
    }
}

pub(crate) fn started() -> RunStarted {
    let planned = |number, id: &str, title: &str| PlannedCanary {
        id: id.into(),
        number,
        title: title.into(),
        level: Level::Continuity,
    };
    RunStarted {
        run: RunInfo {
            id: "20261121-0101-ab12".into(),
            seed: 42,
            started_at: "2026-11-21T01:01:01Z".into(),
            version: "0.1.0".into(),
            model: ModelMode::Simulated,
            arguments: vec!["--fault".into(), "prompt.history-dropped".into()],
            asked: vec![],
            jobs: 6,
            strict: false,
            shard: None,
        },
        target: TargetInfo {
            kind: TargetKind::Embedded,
            subject: None,
            image: None,
            image_digest: None,
            profile: "reference".into(),
            dialect: None,
        },
        out: "coalmine-out/20261121-0101-ab12".into(),
        canaries: vec![
            planned(Some(1), "name-recall", "A name told in turn 1 is known in turn 2"),
            planned(Some(2), "file-only", "A file without a caption is not dropped"),
            planned(None, "agent-card", "The agent card is served"),
        ],
        baseline: None,
    }
}

/// A run in which all three canaries pass.
pub(crate) fn green() -> Stream {
    Stream::started().ready().canary(pass(0)).canary(pass(1)).canary(pass(2)).ended()
}

/// A run in which the first canary fails at the prompt and the second is skipped.
pub(crate) fn red() -> Stream {
    let mut skipped = pass(1);
    skipped.verdict = Verdict::Skip;
    skipped.reason = Some("refuses messages without text (its documentation says so)".into());
    Stream::started()
        .ready()
        .canary(failed())
        .canary(skipped)
        .then(Event::Finding(Finding {
            severity: Severity::Warn,
            code: Code::DriftStateNames,
            sentence: "the card says 0.3 and the wire says `TASK_STATE_COMPLETED`".into(),
            canary: Some("name-recall".into()),
        }))
        .canary(pass(2))
        .ended()
}

/// A run in which the runtime never became ready.
pub(crate) fn not_ready() -> Stream {
    let canaries = (0..3).map(|index| {
        let mut canary = pass(index);
        canary.verdict = Verdict::Error;
        canary.duration_ms = 0;
        canary.turns.clear();
        canary.checks.clear();
        canary.diagnosis = Some(never_ready());
        canary
    });
    canaries
        .fold(Stream::started(), |stream, canary| stream.then(Event::CanaryEnded(canary)))
        .ended_with(|end| end.diagnosis = Some(never_ready()))
}

pub(crate) fn never_ready() -> Diagnosis {
    Diagnosis {
        code: Code::BootNotReady,
        layer: Layer::Boot,
        sentence: "the runtime did not become ready within 60 s".into(),
        cause: None,
        hint: None,
        turn: None,
        path: vec![PathStep {
            step: Step::Sent,
            mark: Mark::Broken,
            note: "GET http://127.0.0.1:4242/.well-known/agent-card.json answered 404 (41 tries)".into(),
        }],
        evidence: vec![Evidence {
            what: "what the runtime said".into(),
            text: String::new(),
            path: Some("runtime.log".into()),
        }],
    }
}

pub(crate) fn pass(index: usize) -> CanaryReport {
    let planned = started().canaries.swap_remove(index);
    CanaryReport {
        id: planned.id,
        number: planned.number,
        title: planned.title,
        level: planned.level,
        verdict: Verdict::Pass,
        duration_ms: 12,
        checks: vec![check(Verdict::Pass, "Your name is Zorvane-4417.")],
        diagnosis: None,
        reason: None,
        hint_toml: None,
        session_key: None,
        rounds: None,
        baseline: None,
        turns: vec![
            turn(1, "Hi, my name is Zorvane-4417.", "Noted."),
            turn(2, "What's my name?", "Zorvane-4417"),
        ],
    }
}

pub(crate) fn failed() -> CanaryReport {
    let step = |step, mark, note: &str| PathStep { step, mark, note: note.into() };
    CanaryReport {
        verdict: Verdict::Fail,
        checks: vec![check(Verdict::Fail, "I don't know your name.")],
        turns: vec![
            turn(1, "Hi, my name is Zorvane-4417.", "Noted."),
            turn(2, "What's my name?", "I don't know your name."),
        ],
        diagnosis: Some(Diagnosis {
            code: Code::PromptHistoryMissing,
            layer: Layer::Prompt,
            sentence: "turn 1 was kept by the runtime and did not reach the model in turn 2".into(),
            cause: None,
            hint: None,
            turn: Some(2),
            path: vec![
                step(Step::Sent, Mark::Ok, ""),
                step(Step::Store, Mark::Ok, "holds `Zorvane-4417`"),
                step(Step::Prompt, Mark::Broken, "1 message; `Zorvane-4417` is not in it"),
                step(Step::Answer, Mark::After, ""),
                step(Step::Reply, Mark::After, ""),
            ],
            evidence: vec![
                Evidence {
                    what: "what reached the model".into(),
                    text: "user: What's my name?".into(),
                    path: Some("journal.ndjson".into()),
                },
                Evidence {
                    what: "the session store".into(),
                    text: String::new(),
                    path: Some("session-store/name-recall-2.json".into()),
                },
            ],
        }),
        ..pass(0)
    }
}

fn check(verdict: Verdict, actual: &str) -> CheckReport {
    CheckReport {
        id: "turn-2.reply.contains".into(),
        level: Level::Continuity,
        verdict,
        expected: "a reply that contains `Zorvane-4417`".into(),
        actual: actual.into(),
    }
}

pub(crate) fn turn(number: u32, say: &str, reply: &str) -> TurnReport {
    TurnReport {
        number,
        context: "a".into(),
        context_id: "6b7f3a52-0000-4000-8000-000000000000".into(),
        say: say.into(),
        files: vec![],
        approved: vec![],
        reply: Some(reply.into()),
        error: None,
        model_calls: 1,
        took_ms: 3,
        wire: vec![format!("wire/name-recall-{number}.request.json")],
        session_store: None,
        model_call_seqs: vec![],
        peer_call_seqs: vec![],
        skipped: None,
        prompt: vec![],
        missing: vec![],
        unwanted: vec![],
    }
}
