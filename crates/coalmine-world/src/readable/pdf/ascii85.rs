//! Streams that are written in letters (ISO 32000-1, section 7.4.3), as some libraries do.

/// The bytes that letters stand for, up to their end or to what is no letter of theirs, and what stands behind.
pub(super) fn decode(letters: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut bytes = vec![];
    let mut group: Vec<u8> = vec![];
    for (at, letter) in letters.iter().enumerate() {
        match letter {
            b'!'..=b'u' => group.push(letter - b'!'),
            b'z' if group.is_empty() => bytes.extend([0; 4]),
            letter if letter.is_ascii_whitespace() => {}
            _ => {
                bytes.extend(last(group));
                return (bytes, &letters[at..]);
            }
        }
        if group.len() == 5 {
            bytes.extend(four(&group));
            group.clear();
        }
    }
    bytes.extend(last(group));
    (bytes, &[])
}

/// Five digits of base 85 are four bytes; what is too great for them wraps around.
fn four(group: &[u8]) -> [u8; 4] {
    let number = group.iter().fold(0_u32, |sum, digit| sum.wrapping_mul(85).wrapping_add(u32::from(*digit)));
    number.to_be_bytes()
}

/// A group that the end cut short has a byte less than letters.
fn last(mut group: Vec<u8>) -> Vec<u8> {
    let length = group.len().saturating_sub(1);
    group.resize(5, 84);
    four(&group)[..length].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_the_bytes_that_they_stand_for() {
        let read = |letters: &'static str| decode(letters.as_bytes());
        assert_eq!(read("87cURD]i,\"Ebo80~>rest"), (b"Hello World!".to_vec(), &b"~>rest"[..]));
        assert_eq!(read("87cUR D]j6~>"), (b"Hello w".to_vec(), &b"~>"[..]));
        assert_eq!(read("zz"), (vec![0; 8], &b""[..]));
        assert_eq!(read("uuuuu!").0.len(), 4);
    }
}
