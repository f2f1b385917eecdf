//! Base64 as clients write it.

use base64::{
    DecodeError, Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Decodes base64 as JSON mappings of binary fields allow it: either alphabet, padded or not.
pub(crate) fn decode_base64(text: &str) -> Result<Vec<u8>, DecodeError> {
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);
    if text.contains(['-', '_']) { URL_SAFE.decode(text) } else { STANDARD.decode(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_comes_in_both_alphabets_and_with_or_without_padding() {
        for text in ["+/8=", "-_8=", "-_8", "+/8"] {
            assert_eq!(decode_base64(text).unwrap(), [0xfb, 0xff], "{text}");
        }
        assert!(decode_base64("*").is_err());
    }
}
