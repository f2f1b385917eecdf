//! What happens to a request that a real provider refuses: it is refused here as well; but if the world is
//! lenient, it is answered as far as it can be read, and the violations are recorded.

use std::cell::RefCell;

use crate::http::Refusal;

/// Maximum number of violations recorded for a request, and the maximum number of characters of each.
const MAX_VIOLATIONS: usize = 20;
const MAX_CHARS: usize = 500;

/// What a real provider would have refused in one request.
#[derive(Debug, Default)]
pub(crate) struct Violations {
    is_lenient: bool,
    found: RefCell<Vec<String>>,
}

impl Violations {
    /// Creates an empty collection. Unless `is_lenient`, the first violation ends the reading.
    pub(crate) fn new(is_lenient: bool) -> Self {
        Self { is_lenient, ..Self::default() }
    }

    /// Returns the refusal as an error, or records it so that the reader goes on with what it has.
    pub(crate) fn add(&self, refusal: Refusal) -> Result<(), Refusal> {
        if !self.is_lenient {
            return Err(refusal);
        }
        let mut found = self.found.borrow_mut();
        let message: String = refusal.message.trim().chars().take(MAX_CHARS).collect();
        if found.len() < MAX_VIOLATIONS && !found.contains(&message) {
            found.push(message);
        }
        Ok(())
    }

    /// Adds a violation unless a condition holds.
    pub(crate) fn check(&self, holds: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
        if holds { Ok(()) } else { self.add(refusal()) }
    }

    /// Returns a required value. If it is missing, adds a violation and returns the default.
    pub(crate) fn demand<T: Default>(
        &self,
        value: Option<T>,
        refusal: impl FnOnce() -> Refusal,
    ) -> Result<T, Refusal> {
        match value {
            Some(value) => Ok(value),
            None => self.add(refusal()).map(|()| T::default()),
        }
    }

    /// Returns the recorded violations, in order.
    pub(crate) fn into_found(self) -> Vec<String> {
        self.found.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_returns_the_first_violation() {
        let strict = Violations::new(false);
        assert_eq!(strict.add(Refusal::bad_request("no")), Err(Refusal::bad_request("no")));
        assert_eq!(strict.demand(Some(7), || Refusal::bad_request("no")), Ok(7));
        assert!(strict.into_found().is_empty());
    }

    #[test]
    fn lenient_records_each_violation_once() {
        let lenient = Violations::new(true);
        let missing = || Refusal::bad_request("no model");
        assert_eq!(lenient.demand(None::<String>, missing), Ok(String::new()));
        assert_eq!(lenient.check(false, || Refusal::bad_request("no tools\n")), Ok(()));
        assert_eq!(lenient.check(false, missing), Ok(()));
        assert_eq!(lenient.into_found(), ["no model", "no tools"]);
    }

    #[test]
    fn records_a_bounded_number() {
        let lenient = Violations::new(true);
        for number in 0..1_000 {
            lenient.add(Refusal::bad_request(format!("{number}{}", "x".repeat(9_000)))).unwrap();
        }
        let found = lenient.into_found();
        assert_eq!((found.len(), found[0].len()), (MAX_VIOLATIONS, MAX_CHARS));
    }
}
