//! The list of targets.

use crate::targets::{attestation, disk, model, output, plan, report, store, wire, world};

/// A reader, and what must hold for it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The name, which is also that of the folder of seeds.
    pub name: &'static str,
    /// Reads an input. Panics if something does not hold.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "card", run: wire::card },
    Target { name: "reply", run: wire::reply },
    Target { name: "event-stream", run: wire::event_stream },
    Target { name: "provider", run: world::provider },
    Target { name: "control", run: world::control },
    Target { name: "peers", run: world::peers },
    Target { name: "attachment", run: model::attachment },
    Target { name: "schema", run: model::schema },
    Target { name: "plain-calls", run: model::plain_calls },
    Target { name: "store", run: store::text },
    Target { name: "sqlite", run: store::sqlite },
    Target { name: "archive", run: disk::archive },
    Target { name: "pattern", run: disk::pattern },
    Target { name: "log", run: output::log },
    Target { name: "redaction", run: output::redaction },
    Target { name: "canary", run: plan::canary },
    Target { name: "profile", run: plan::profile },
    Target { name: "values", run: plan::values },
    Target { name: "events", run: report::events },
    Target { name: "summary", run: report::summary },
    Target { name: "attestation", run: attestation::verify },
];

impl Target {
    /// Returns the target of this name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.iter().find(|target| target.name == name).copied()
    }
}
