//! What becomes of a request that a real provider refuses: it is refused here too, or, where the world is lenient, it is
//! answered as well as it can be read, and what was wrong with it is told.

use std::cell::RefCell;

use super::Refusal;

/// Most violations that are told of one request, and the most letters of each.
const MOST: usize = 20;
const LETTERS: usize = 500;

/// What a real provider would have refused in one request.
#[derive(Debug, Default)]
pub(crate) struct Violations {
    is_lenient: bool,
    found: RefCell<Vec<String>>,
}

impl Violations {
    /// None yet; `is_lenient` says whether one ends the reading.
    pub(crate) fn new(is_lenient: bool) -> Self {
        Self { is_lenient, ..Self::default() }
    }

    /// Refuses, or takes down what would have been refused; the reader then goes on with what it has.
    pub(crate) fn add(&self, refusal: Refusal) -> Result<(), Refusal> {
        if !self.is_lenient {
            return Err(refusal);
        }
        let mut found = self.found.borrow_mut();
        let told: String = refusal.message.trim().chars().take(LETTERS).collect();
        if found.len() < MOST && !found.contains(&told) {
            found.push(told);
        }
        Ok(())
    }

    /// What must hold.
    pub(crate) fn check(&self, holds: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
        if holds { Ok(()) } else { self.add(refusal()) }
    }

    /// What must be there, else an empty one in its place.
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

    /// What was taken down, in order.
    pub(crate) fn into_found(self) -> Vec<String> {
        self.found.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_ends_the_reading_or_is_told() {
        let strict = Violations::new(false);
        assert_eq!(strict.add(Refusal::bad("no")), Err(Refusal::bad("no")));
        assert_eq!(strict.demand(Some(7), || Refusal::bad("no")), Ok(7));
        assert!(strict.into_found().is_empty());
        let lenient = Violations::new(true);
        assert_eq!(lenient.demand(None::<String>, || Refusal::bad("no model")), Ok(String::new()));
        assert_eq!(lenient.check(false, || Refusal::bad("no tools\n")), Ok(()));
        assert_eq!(lenient.check(false, || Refusal::bad("no model")), Ok(()));
        assert_eq!(lenient.into_found(), ["no model", "no tools"]);
    }

    #[test]
    fn not_every_one_of_many_is_told() {
        let lenient = Violations::new(true);
        for number in 0..1_000 {
            lenient.add(Refusal::bad(format!("{number}{}", "x".repeat(9_000)))).unwrap();
        }
        let found = lenient.into_found();
        assert_eq!((found.len(), found[0].len()), (MOST, LETTERS));
    }
}
