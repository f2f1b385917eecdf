//! How many rounds of a canary passed, in words.

use coalmine::event::Rounds;

/// `19/20 passed (95 %, 76–99 %)`: the rate, and where the true one lies at a confidence of 95 %.
pub(crate) fn sentence(rounds: &Rounds) -> String {
    let Rounds { passed, judged, asked, low, high, .. } = *rounds;
    let percent = |share: f64| 100.0 * share;
    let rate = format!("{:.1}", percent(rounds.rate()));
    let rate = rate.trim_end_matches(".0");
    let told = match judged {
        0 => "none was judged".to_owned(),
        _ => format!("{passed}/{judged} passed ({rate} %, {:.0}–{:.0} %)", percent(low), percent(high)),
    };
    match asked.saturating_sub(judged) {
        0 => told,
        others => format!("{told}; {others} of {asked} not judged"),
    }
}
