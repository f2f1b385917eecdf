//! The parts of an input.

/// The line that separates the parts of an input that has several.
const SEPARATOR: &[u8] = b"\n====\n";

/// Splits an input at the lines `====`.
pub(crate) fn parts(input: &[u8]) -> Vec<&[u8]> {
    let mut parts = vec![];
    let mut rest = input;
    while let Some(at) = rest.windows(SEPARATOR.len()).position(|window| window == SEPARATOR) {
        parts.push(&rest[..at]);
        rest = &rest[at + SEPARATOR.len()..];
    }
    parts.push(rest);
    parts
}

/// Returns a number that depends on the whole input, for choices that need no place in it.
pub(crate) fn number(input: &[u8]) -> usize {
    input.iter().fold(input.len(), |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)))
}

/// Splits an input into pieces of chosen lengths.
pub(crate) fn pieces(input: &[u8]) -> Vec<&[u8]> {
    let (mut pieces, mut rest, mut choice) = (vec![], input, number(input));
    while !rest.is_empty() {
        choice = choice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (piece, after) = rest.split_at(rest.len().min(1 + (choice >> 33) % 17));
        pieces.push(piece);
        rest = after;
    }
    pieces
}
