//! The bindings that the client speaks.

use super::{Binding, JSON_RPC};

/// All bindings that the client speaks.
const BINDINGS: [&dyn Binding; 1] = [JSON_RPC];

/// Returns the binding that a card names, if the client speaks it.
pub(crate) fn by_name(name: &str) -> Option<&'static dyn Binding> {
    BINDINGS.into_iter().find(|binding| binding.name().eq_ignore_ascii_case(name))
}

/// Returns the names of all bindings, as in a sentence.
pub(crate) fn names() -> String {
    BINDINGS.map(Binding::name).join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_binding_by_the_name_on_a_card() {
        assert_eq!(by_name("jsonrpc"), Some(JSON_RPC));
        assert_eq!(by_name("HTTP+JSON"), None);
        assert_eq!(by_name(""), None);
    }

    #[test]
    fn each_binding_has_its_own_name() {
        for binding in BINDINGS {
            assert_eq!(BINDINGS.iter().filter(|other| **other == binding).count(), 1, "{binding:?}");
        }
    }
}
