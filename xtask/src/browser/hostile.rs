//! A run whose every text tries to be more than text.

use camino::Utf8Path;
use fs_err as fs;
use serde_json::Value;

use crate::failure::Failure;

/// What is put in front of every text.
const HOSTILE: &str = "</script></style></pre></textarea></title><script>window.pwned=1</script>\
    <img src=x onerror=window.pwned=1><svg onload=window.pwned=1><iframe srcdoc='<script>parent.pwned=1</script>'></iframe>\
    <style>*{display:none!important}</style><base href='http://127.0.0.1:9/'><meta http-equiv=refresh content='0;url=about:blank'>\
    \" onmouseover=\"window.pwned=1\" x='{{7*7}}${7*7} javascript:window.pwned=1 --> ]]> \u{202e}gnp.exe\u{2066}\u{200b}\u{feff}\0\u{1b}[2J\r&#0;&lt;";
/// How long a text without a space is.
const LONG: usize = 1 << 20;

/// Values that the page must be able to read: they name things of the run itself.
const KEPT: [&str; 16] = [
    "event",
    "id",
    "level",
    "verdict",
    "code",
    "layer",
    "severity",
    "step",
    "mark",
    "kind",
    "model",
    "shown",
    "phase",
    "session_key",
    "session_store",
    "wire",
];

/// Makes the events and the evidence of a run hostile.
pub(super) fn make_hostile(folder: &Utf8Path) -> Result<(), Failure> {
    for name in ["events.ndjson", "journal.ndjson"] {
        let path = folder.join(name);
        let mut lines = String::new();
        for line in fs::read_to_string(&path)?.lines() {
            let mut value: Value = serde_json::from_str(line)
                .map_err(|error| Failure::new(format!("`{path}` is not what a run writes")).because(error))?;
            poison(&mut value);
            lines.push_str(&format!("{value}\n"));
        }
        fs::write(&path, lines)?;
    }
    for (position, name) in
        ["wire", "session-store"].iter().flat_map(|name| files(&folder.join(name))).enumerate()
    {
        let text = fs::read_to_string(&name).unwrap_or_default();
        let long = if position % 50 == 0 { "x".repeat(40 << 10) } else { String::new() };
        fs::write(&name, format!("{HOSTILE}{long}{text}"))?;
    }
    Ok(())
}

/// Makes one reply of a run as long as no reply is.
pub(super) fn make_long(folder: &Utf8Path) -> Result<(), Failure> {
    let path = folder.join("events.ndjson");
    let text = fs::read_to_string(&path)?;
    let long = format!("\"reply\":\"{}", "y".repeat(LONG));
    let changed = text.replacen("\"reply\":\"", &long, 1);
    if changed == text {
        return Err(Failure::new(format!("`{path}` has no reply")));
    }
    fs::write(&path, changed).map_err(Failure::from)
}

fn files(folder: &Utf8Path) -> Vec<camino::Utf8PathBuf> {
    let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.into_path()).collect();
    files.sort();
    files
}

fn poison(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields
                .iter_mut()
                .filter(|(key, _)| !KEPT.contains(&key.as_str()))
                .for_each(|(_, value)| poison(value));
        }
        Value::Array(values) => values.iter_mut().for_each(poison),
        Value::String(text) => text.insert_str(0, HOSTILE),
        _ => {}
    }
}
