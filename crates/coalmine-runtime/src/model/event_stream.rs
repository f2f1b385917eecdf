//! The server-sent events of model providers, with one `data:` line per event.

/// Splits bytes into the data of events, however the network splits them.
#[derive(Debug, Default)]
pub(super) struct EventStream {
    rest: Vec<u8>,
}

impl EventStream {
    /// Takes more bytes, and returns the data of the events that are complete now.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        self.rest.extend_from_slice(bytes);
        let Some(end) = self.rest.iter().rposition(|byte| *byte == b'\n') else { return Vec::new() };
        let whole: Vec<_> = self.rest.drain(..=end).collect();
        // Decoding only whole lines keeps characters intact that the network split.
        let text = String::from_utf8_lossy(&whole).into_owned();
        let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
        data.map(|data| data.trim().to_owned()).collect()
    }

    /// Returns how many bytes of an incomplete event are waiting.
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
        fn events_do_not_depend_on_network_splits(cuts in prop::collection::vec(0..WHOLE.len(), 0..6)) {
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
