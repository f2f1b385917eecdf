//! One exit code of several runs.

/// Returns the worse of two exit codes. From the worst on:
///
/// 1. `1`: a canary failed. What one run found stands, whatever became of the other, and nothing hides it.
/// 2. `130`: interrupted, so nobody knows.
/// 3. `2` and every other code: could not judge. It is not a failure of the runtime, and it is never green.
/// 4. `0`: every run passed.
pub(crate) fn worse(one: u8, other: u8) -> u8 {
    let rank = |code: u8| match code {
        1 => 3,
        130 => 2,
        0 => 0,
        _ => 1,
    };
    if rank(one) >= rank(other) { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failure_stands_and_an_error_is_never_green() {
        for (one, other, expected) in
            [(0, 0, 0), (0, 1, 1), (0, 2, 2), (1, 2, 1), (2, 130, 130), (1, 130, 1), (0, 101, 101)]
        {
            assert_eq!((worse(one, other), worse(other, one)), (expected, expected), "{one} and {other}");
        }
    }
}
