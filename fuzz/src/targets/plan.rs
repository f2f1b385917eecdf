//! What people write: canaries, profiles, and the values in them and in arguments.

use coalmine::{
    deploy::Placeholders,
    event::ModelMode,
    plan::{LoadedCanary, Profile, RunParameters, Script, SourceError, conflicts, parse_duration},
};
use coalmine_world::ModelFault;

/// Reads a canary, and draws and fills in its facts.
pub(crate) fn canary(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let loaded = match LoadedCanary::read("mine.toml", &text) {
        Ok(loaded) => loaded,
        Err(error) => return check_place(&error),
    };
    conflicts(&[loaded.clone(), loaded.clone()]).iter().for_each(check_place);
    let parameters = RunParameters { seed: 7, model: ModelMode::Simulated, contexts: 2 };
    if let Ok(script) = Script::new(loaded.canary, parameters) {
        assert!(!script.turns.is_empty() || script.canary.turns.is_empty());
        let again = script.in_round(1).expect("the same facts");
        assert_eq!(again.turns.len(), script.turns.len());
    }
}

/// Reads a profile.
pub(crate) fn profile(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    match Profile::read("mine", "mine.toml", &text) {
        Ok(mut profile) => {
            assert!(!profile.name.is_empty());
            profile.keep_own_model();
        }
        Err(error) => check_place(&error),
    }
}

/// Checks that the place of a problem is in the file, and can be shown.
fn check_place(error: &SourceError) {
    assert!(error.text.get(error.span.clone()).is_some(), "{:?} of {:?}", error.span, error.text);
    let (line, column) = error.position();
    assert!(line <= 1 + error.text.matches('\n').count() && column >= 1);
    assert!(!error.message.is_empty());
}

/// Reads a text as every kind of value, and fills placeholders in.
pub(crate) fn values(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Ok(duration) = parse_duration(&text) {
        let milliseconds = format!("{}ms", duration.as_millis());
        assert!(duration.as_millis() > u128::from(u64::MAX) || parse_duration(&milliseconds) == Ok(duration));
    }
    if let Ok(fault) = text.parse::<ModelFault>() {
        assert!(!fault.to_string().is_empty());
    }
    let fill = Placeholders {
        world: "http://172.20.0.1:4000".into(),
        port: 8000,
        state: "/state".into(),
        memory: "/state/memory".into(),
        run: "r1".into(),
        workspace: "canary-r1".into(),
        token: "t0".into(),
    };
    let filled = fill.apply(&text);
    for name in ["{world}", "{port}", "{state}", "{memory}", "{run}", "{workspace}", "{token}"] {
        // what is filled in may complete another placeholder, such as `{{port}world}`
        assert!(!filled.contains(name) || text.contains("{{") || text.contains("}}"), "{name} in {filled}");
    }
}
