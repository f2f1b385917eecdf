//! File names for keys that come from outside.

use sha2::{Digest, Sha256};

/// The longest key that stays readable. File names are limited to 255 bytes, and hexadecimal doubles the
/// length.
const MAX_READABLE: usize = 64;

/// Returns a file stem for any key.
///
/// Different keys get different stems, even on a file system that ignores case, and no stem is a path. An
/// unsafe key becomes hexadecimal and a long key becomes a digest. Their prefixes `x_` and `h_` cannot occur
/// in a safe key.
pub(crate) fn file_stem(key: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if key.len() > MAX_READABLE {
        return format!("h_{}", hex(&Sha256::digest(key)));
    }
    if key.is_empty() || !key.bytes().all(safe) {
        return format!("x_{}", hex(key.as_bytes()));
    }
    key.to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn uuid_stays_readable() {
        let id = "5f0c1f0e-7c1e-4a58-9a4e-0d6a2f7b9c11";
        assert_eq!(file_stem(id), id);
    }

    #[test]
    fn path_becomes_hexadecimal() {
        assert_eq!(file_stem("../../etc"), "x_2e2e2f2e2e2f657463");
        assert_eq!(file_stem(""), "x_");
    }

    proptest! {
        #[test]
        fn stem_is_short_and_safe(key in any::<String>()) {
            let stem = file_stem(&key);
            prop_assert!(!stem.is_empty() && stem.len() <= 130);
            prop_assert!(stem.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b)));
        }

        #[test]
        fn different_keys_get_different_stems(a in "[A-Za-z_/.-]{0,5}", b in "[A-Za-z_/.-]{0,5}") {
            prop_assert_eq!(a == b, file_stem(&a) == file_stem(&b));
        }
    }
}
