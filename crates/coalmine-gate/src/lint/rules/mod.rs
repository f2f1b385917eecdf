//! The rules, one in each file, and the table of them.

mod gw000;
mod gw001;
mod gw002;
mod gw003;
mod gw004;
mod gw005;
mod gw006;
mod gw007;
mod gw008;
mod gw009;
mod gw010;
mod gw011;
mod gw012;
mod gw013;
mod gw014;
mod gw015;
mod gw016;
mod gw017;
mod gw018;
mod gw019;
mod gw020;
mod gw021;

pub(super) use gw000::about_ignores;
pub(super) use gw021::about_yaml;

use super::Rule;

/// All rules, in the order of their ids.
pub static ALL: [Rule; 22] = [
    gw000::RULE,
    gw001::RULE,
    gw002::RULE,
    gw003::RULE,
    gw004::RULE,
    gw005::RULE,
    gw006::RULE,
    gw007::RULE,
    gw008::RULE,
    gw009::RULE,
    gw010::RULE,
    gw011::RULE,
    gw012::RULE,
    gw013::RULE,
    gw014::RULE,
    gw015::RULE,
    gw016::RULE,
    gw017::RULE,
    gw018::RULE,
    gw019::RULE,
    gw020::RULE,
    gw021::RULE,
];

/// Returns the rule with an id, such as `GW004`, in either case.
pub fn rule(id: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
