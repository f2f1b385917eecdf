//! An HTTP answer, read as far as a client needs it that only waits for the end.

/// A complete answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    /// The bytes as sent: a chunked body includes the lengths of its chunks.
    pub(super) body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// Returns the answer, or `None` while a part of it is missing.
    pub(super) fn read(received: &'a [u8]) -> Option<Self> {
        let head = received.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
        let (head, body) = (&received[..head], &received[head + 4..]);
        let status = std::str::from_utf8(head.get(9..12)?).ok()?.parse().ok()?;
        let header = |name: &str| {
            let mut lines = head.split(|byte| *byte == b'\n').skip(1);
            lines.find_map(|line| {
                let (key, value) = line.split_at_checked(name.len())?;
                key.eq_ignore_ascii_case(name.as_bytes()).then_some(value.strip_prefix(b":")?.trim_ascii())
            })
        };
        let end = match header("content-length") {
            Some(length) => std::str::from_utf8(length).ok()?.parse().ok()?,
            None => end_of_chunks(body)?,
        };
        Some(Self { status, body: body.get(..end)? })
    }

    /// Returns whether the body holds the text.
    pub(super) fn holds(&self, text: &str) -> bool {
        self.body.windows(text.len()).any(|bytes| bytes == text.as_bytes())
    }
}

/// Returns the length of a chunked body, or `None` while a part of it is missing.
fn end_of_chunks(body: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = body.get(at..)?.windows(2).position(|bytes| bytes == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&body[at..at + line]).ok()?, 16).ok()?;
        at += line + 2 + length + 2;
        if length == 0 {
            return (at <= body.len()).then_some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incomplete_answers_are_not_read() {
        let with_length = "HTTP/1.1 200 OK\r\ncontent-type: x\r\nContent-Length: 5\r\n\r\nhello";
        let in_chunks = "HTTP/1.1 429 Slow\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
        for (whole, status) in [(with_length, 200), (in_chunks, 429)] {
            let whole = whole.as_bytes();
            for end in 0..whole.len() {
                assert_eq!(Answer::read(&whole[..end]), None, "after {end} bytes");
            }
            let answer = Answer::read(whole).unwrap();
            assert_eq!(answer.status, status);
            assert!(answer.holds("hello") && !answer.holds("other"));
        }
    }
}
