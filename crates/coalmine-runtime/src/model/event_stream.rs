//! Server-sent events as model providers send them: one `data:` line per event.

/// Cuts bytes into the data of events, however the network cut them before.
#[derive(Debug, Default)]
pub(super) struct EventStream {
    rest: Vec<u8>,
}

impl EventStream {
    /// Takes more bytes, and gives the data of the events that are whole now.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        self.rest.extend_from_slice(bytes);
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else { return Vec::new() };
        let whole: Vec<_> = self.rest.drain(..=end).collect();
        // Only whole lines are decoded, so a character cut in two by the network is whole again here.
        let text = String::from_utf8_lossy(&whole).into_owned();
        let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
        data.map(|data| data.trim().to_owned()).collect()
    }

    /// Bytes of the event that is not whole yet.
    pub(super) fn pending(&self) -> usize {
        self.rest.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: &str = ": hello\r\ndata: {\"a\":\"ö\"}\r\n\r\nevent: x\ndata:{\"b\":1}\n\ndata: [DONE]\n\n";

    proptest! {
        #[test]
        fn events_do_not_depend_on_how_the_network_cuts(cuts in prop::collection::vec(0..WHOLE.len(), 0..6)) {
            let mut cuts = cuts;
            cuts.extend([0, WHOLE.len()]);
            cuts.sort_unstable();
            let mut stream = EventStream::default();
            let events: Vec<_> =
                cuts.windows(2).flat_map(|w| stream.push(&WHOLE.as_bytes()[w[0]..w[1]])).collect();
            prop_assert_eq!(events, ["{\"a\":\"ö\"}", "{\"b\":1}", "[DONE]"]);
            prop_assert_eq!(stream.pending(), 0);
        }
    }
}
