//! The framing of AWS event streams: lengths, headers, payload, and two checksums.

use flate2::Crc;

/// Length of what precedes the headers: two lengths and their checksum.
const PRELUDE: usize = 12;
/// Length of a checksum.
const CHECKSUM: usize = 4;
/// The type of a header whose value is a text.
const TEXT: u8 = 7;

/// Writes an event as a frame.
pub(super) fn frame(event: &str, payload: &[u8]) -> Vec<u8> {
    let mut headers = vec![];
    for (name, value) in
        [(":event-type", event), (":content-type", "application/json"), (":message-type", "event")]
    {
        headers.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        headers.extend(name.bytes());
        headers.push(TEXT);
        headers.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        headers.extend(value.bytes());
    }
    let total = [PRELUDE, headers.len(), payload.len(), CHECKSUM].into_iter().fold(0, usize::saturating_add);
    let mut frame = Vec::with_capacity(total);
    frame.extend(length(total));
    frame.extend(length(headers.len()));
    frame.extend(checksum(&frame));
    frame.extend(headers);
    frame.extend(payload);
    frame.extend(checksum(&frame));
    frame
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8]) -> usize {
        u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize
    }

    #[test]
    fn lengths_and_checksums_fit() {
        let frame = frame("messageStop", b"{}");
        assert_eq!(number(&frame), frame.len());
        assert_eq!(frame[8..12], checksum(&frame[..8]));
        assert_eq!(frame[frame.len() - 4..], checksum(&frame[..frame.len() - 4]));
        let payload = PRELUDE + number(&frame[4..]);
        assert_eq!(&frame[payload..frame.len() - 4], b"{}");
        assert!(frame[PRELUDE..].starts_with(b"\x0b:event-type\x07\x00\x0bmessageStop"));
    }

    #[test]
    fn checksums_are_those_of_the_format() {
        // the known check value of CRC-32
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926_u32.to_be_bytes());
    }
}
