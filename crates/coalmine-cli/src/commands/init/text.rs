//! The `coalmine.toml` of a new gate.

use super::found::Found;

/// Returns the text of the file.
pub(super) fn coalmine_toml(found: &Found, tool_image: Option<&str>) -> String {
    let mut text = String::from(
        "# How this repository is judged: docs/gate.md of coalmine. Flags of `coalmine run` override it.\n",
    );
    match found.dockerfile.as_ref().map(|path| path.as_str()) {
        Some("Dockerfile") => text.push_str("build = \".\"\n"),
        Some(path) => text.push_str(&format!("build = {{ dockerfile = \"{path}\" }}\n")),
        None => text.push_str("# build = \".\"\n"),
    }
    match found.family().and_then(|family| family.profile) {
        Some(profile) => text.push_str(&format!("profile = \"{profile}\"\n")),
        None => text.push_str("# profile = \"generic\"\n"),
    }
    match found.port {
        Some(port) => text.push_str(&format!("port = {port}\n")),
        None => text.push_str("# port = 8000\n"),
    }
    text.push_str("\n# the image of coalmine that judges in the gate, by digest, in a line of its own\n");
    match tool_image {
        Some(image) => text.push_str(&format!("tool-image = {}\n", toml::Value::from(image))),
        None => text.push_str("# tool-image = \"registry/coalmine@sha256:…\"\n"),
    }
    text
}
