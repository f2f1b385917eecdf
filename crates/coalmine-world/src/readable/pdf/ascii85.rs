//! Streams in base 85 (ISO 32000-1, section 7.4.3), as some libraries write them.

/// Decodes base 85 up to the first byte that does not belong to it. Returns the decoded bytes, and the rest.
pub(super) fn decode(digits: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut bytes = vec![];
    let mut group: Vec<u8> = vec![];
    for (index, digit) in digits.iter().enumerate() {
        match digit {
            b'!'..=b'u' => group.push(digit.saturating_sub(b'!')),
            b'z' if group.is_empty() => bytes.extend([0; 4]),
            digit if digit.is_ascii_whitespace() => {}
            _ => {
                bytes.extend(decode_last(group));
                return (bytes, digits.split_at(index).1);
            }
        }
        if group.len() == 5 {
            bytes.extend(decode_group(&group));
            group.clear();
        }
    }
    bytes.extend(decode_last(group));
    (bytes, &[])
}

/// Decodes five digits to four bytes; larger numbers wrap around.
fn decode_group(group: &[u8]) -> [u8; 4] {
    let number = group.iter().fold(0_u32, |sum, digit| sum.wrapping_mul(85).wrapping_add(u32::from(*digit)));
    number.to_be_bytes()
}

/// Decodes a group that the end cut short: it has one byte less than digits.
fn decode_last(mut group: Vec<u8>) -> Vec<u8> {
    let length = group.len().saturating_sub(1);
    group.resize(5, 84);
    decode_group(&group).into_iter().take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_up_to_the_first_other_byte() {
        let read = |digits: &'static str| decode(digits.as_bytes());
        assert_eq!(read("87cURD]i,\"Ebo80~>rest"), (b"Hello World!".to_vec(), &b"~>rest"[..]));
        assert_eq!(read("87cUR D]j6~>"), (b"Hello w".to_vec(), &b"~>"[..]));
        assert_eq!(read("zz"), (vec![0; 8], &b""[..]));
        assert_eq!(read("uuuuu!").0.len(), 4);
    }
}
