//! How much evidence the page holds.

use super::marked::{Facts, Marked};

/// The most bytes of evidence in the page.
const MAX_TOTAL: usize = 4_500_000;

/// What is left of the room for evidence.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { left: MAX_TOTAL }
    }

    /// Returns the end of a text, or nothing if it does not fit.
    pub(super) fn tail(&mut self, text: &str, max: usize, facts: &Facts) -> Option<Marked> {
        self.pay(Marked::tail(text, max, facts))
    }

    /// Returns the beginning of a text, or nothing if it does not fit.
    pub(super) fn head(&mut self, text: &str, max: usize, facts: &Facts) -> Option<Marked> {
        self.pay(Marked::head(text, max, facts))
    }

    fn pay(&mut self, marked: Marked) -> Option<Marked> {
        self.left = self.left.checked_sub(marked.cost())?;
        Some(marked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out() {
        let mut budget = Budget { left: 200 };
        assert!(budget.tail(&"x".repeat(100), 1_000, &Facts::default()).is_some());
        assert!(budget.tail(&"x".repeat(100), 1_000, &Facts::default()).is_none());
        assert!(
            budget.head(&"<".repeat(30), 1_000, &Facts::default()).is_none(),
            "an escape takes more room"
        );
        assert!(budget.head("x", 1_000, &Facts::default()).is_some());
    }
}
