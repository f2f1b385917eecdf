//! Not wired is not broken: a runtime that never calls the model was not pointed at the world.

use coalmine_a2a::WireError;
use coalmine_world::{Call, CallKind, JournalPosition};

use super::{parallel::Concurrency, rounds::CanaryRun, state::Running};
use crate::{
    deploy::Target,
    event::{Code, Diagnosis, Layer},
    observe::TurnSeen,
    plan::ScriptTurn,
};

impl Running<'_> {
    /// Why nothing can be judged, where the model was never called; `None` where it was, or where the answers
    /// themselves are broken.
    pub(super) async fn not_wired(&self, seen: &[TurnSeen]) -> Option<Diagnosis> {
        if self.so_far().model_called || seen.iter().all(|turn| turn.skipped.is_some()) {
            return None;
        }
        // garbage is garbage, whoever was to be called
        let garbage = |error: &WireError| {
            matches!(error, WireError::Malformed { .. } | WireError::TooLarge { .. } | WireError::Lost(_))
        };
        if seen.iter().any(|turn| turn.error.as_ref().is_some_and(garbage)) {
            return None;
        }
        let worded = seen.iter().find(|turn| turn.skipped.is_none() && !turn.turn.say.is_empty());
        let plain = match worded.filter(|turn| turn.turn.is_plain()) {
            Some(turn) => turn.clone(),
            // a runtime may treat files in a way of its own: ask with plain words before saying anything
            None => {
                let wiring = CanaryRun { canary: "wiring", round: 1, concurrency: Concurrency::Alone };
                self.turns(wiring, &[1], &[&hello()]).await.remove(0)
            }
        };
        if self.so_far().model_called || self.over().is_some() {
            return self.over();
        }
        if plain.error.as_ref().is_some_and(garbage) {
            return None;
        }
        Some(self.explain(&plain).await)
    }

    async fn explain(&self, plain: &TurnSeen) -> Diagnosis {
        if let Some(error @ WireError::Http { status, .. }) = &plain.error
            && (400..500).contains(status)
        {
            let mut diagnosis =
                Diagnosis::new(Code::WireHttpError, format!("the runtime refuses every turn: {error}"));
            diagnosis.layer = Layer::Wire;
            diagnosis.hint = Some(match status {
                401 | 403 => "give it credentials: `auth = { bearer = … }` in a profile".into(),
                _ => "if its JSON-RPC interface lives elsewhere, set `rpc` in a profile".into(),
            });
            return diagnosis;
        }
        let mut diagnosis = Diagnosis::new(
            Code::BootModelNotWired,
            "the runtime never called the simulated model, so whether it remembers cannot be judged",
        );
        let unknown = self.unknown_calls();
        diagnosis.cause = Some(match (&plain.error, unknown.is_empty()) {
            (_, false) => format!("it called {}, which the world does not serve", unknown.join(", ")),
            (Some(error), true) => format!("its answer to \"{}\": {error}", plain.turn.say),
            (None, true) => format!(
                "its answer to \"{}\": {}",
                plain.turn.say,
                plain.reply.chars().take(300).collect::<String>()
            ),
        });
        let target = self.target.read().await;
        diagnosis.hint = Some(match (&*target, &self.options.world) {
            (Target::Url(_), None) => "fix the world's address with `--world 127.0.0.1:8090`, and start the runtime with \
                 `OPENAI_BASE_URL=http://127.0.0.1:8090/v1` (or its provider's own variable)"
                .to_owned(),
            (Target::Url(_), Some(world)) => format!(
                "start the runtime with its model provider at the world: `OPENAI_BASE_URL={}/v1` or its like; a runtime \
                 without a model can be judged with `--model canary-mode`",
                world.advertised
            ),
            _ => "point its model provider at the world: `{world}/v1` in its base-URL variable or file, in `[env]` or \
                  `[files]` of a profile; a runtime without a model can be judged with `--model canary-mode`"
                .to_owned(),
        });
        diagnosis
    }

    /// Paths that were asked for and that nothing serves.
    fn unknown_calls(&self) -> Vec<String> {
        let mut unknown: Vec<String> = vec![];
        for call in self.world.calls_since(JournalPosition::default()) {
            let asked = format!("{} {}", call.method, call.path);
            if is_unknown(&call) && !unknown.contains(&asked) && unknown.len() < 5 {
                unknown.push(asked);
            }
        }
        unknown
    }
}

fn is_unknown(call: &Call) -> bool {
    call.kind == CallKind::Unknown && call.method == "POST"
}

fn hello() -> ScriptTurn {
    ScriptTurn { context: "hello".into(), say: "Hello, are you there?".into(), ..ScriptTurn::default() }
}
