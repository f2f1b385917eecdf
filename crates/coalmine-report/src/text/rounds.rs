//! How many rounds of a canary passed, in words.

use coalmine::event::Rounds;

/// Returns the rate and, at a confidence of 95 %, the interval of the true rate:
/// `19/20 passed (95 %, 76–99 %)`.
pub(crate) fn rate(rounds: &Rounds) -> String {
    let Rounds { passed, judged, asked, low, high, .. } = *rounds;
    let percent = |share: f64| 100.0 * share;
    let passed = if judged == 0 {
        "none was judged".to_owned()
    } else {
        let rate = format!("{:.1}", percent(rounds.rate()));
        let rate = rate.trim_end_matches(".0");
        format!("{passed}/{judged} passed ({rate} %, {:.0}–{:.0} %)", percent(low), percent(high))
    };
    match asked.saturating_sub(judged) {
        0 => passed,
        others => format!("{passed}; {others} of {asked} not judged"),
    }
}
