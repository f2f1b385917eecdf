//! The process that owns what was started: a run may only sweep what a dead run left behind.

use serde::{Deserialize, Serialize};

/// A coalmine process, distinguished from a later one with the same id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pid: u32,
    /// The start time, in the kernel's ticks since boot.
    started: u64,
    /// The machine, boot and process namespace: elsewhere the id says nothing.
    place: String,
}

/// Whether an owner still runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// It still runs.
    Alive,
    /// It has ended.
    Dead,
    /// It ran on another machine, in another container or before a reboot.
    Elsewhere,
}

impl Owner {
    /// Returns this process.
    pub fn me() -> Self {
        let pid = std::process::id();
        Self { pid, started: started(pid).unwrap_or_default(), place: place() }
    }

    /// Returns whether it still runs.
    pub fn liveness(&self) -> Liveness {
        if self.place != place() {
            return Liveness::Elsewhere;
        }
        match started(self.pid) {
            Some(started) if started == self.started => Liveness::Alive,
            _ => Liveness::Dead,
        }
    }

    /// Returns the owner as the text of a container's label.
    pub fn label(&self) -> String {
        format!("{}:{}:{}", self.pid, self.started, self.place)
    }

    /// Reads the owner from the text of a container's label.
    pub fn from_label(label: &str) -> Option<Self> {
        let mut parts = label.splitn(3, ':');
        let (pid, started) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { pid, started, place: parts.next()?.to_owned() })
    }
}

/// Reads field 22 of `/proc/<pid>/stat`; the name in field 2 may hold anything, so count from its closing
/// bracket.
pub(super) fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    // a zombie has ended, whatever its entry says
    if rest.trim_start().starts_with('Z') {
        return None;
    }
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
}

fn place() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let namespace = std::fs::read_link("/proc/self/ns/pid").map(|link| link.to_string_lossy().into_owned());
    format!("{}/{}", boot.trim(), namespace.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn process_is_identified_by_its_start_time() {
        let me = Owner::me();
        assert_eq!(me.liveness(), Liveness::Alive);
        assert_eq!(Owner { started: me.started + 1, ..me.clone() }.liveness(), Liveness::Dead);
        assert_eq!(Owner { place: "elsewhere".into(), ..me.clone() }.liveness(), Liveness::Elsewhere);
        assert_eq!(Owner::from_label(&me.label()), Some(me));
    }
}
