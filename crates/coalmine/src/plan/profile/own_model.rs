//! Profiles for `--model live`, where the runtime keeps its own model.

use super::Profile;
use crate::plan::builtin;

/// The value of variables whose key no provider checks.
const NO_KEY: &str = "not-a-key";

impl Profile {
    /// Removes every variable that points the runtime at the simulated provider: those that hold `{world}/v1`
    /// or `not-a-key`, and the base URLs of the profile `generic`. Other variables stay, and so does
    /// `PLATFORM_URL`.
    pub fn keep_own_model(&mut self) {
        let generic = builtin::profile("generic").map(|generic| generic.env).unwrap_or_default();
        self.env.retain(|name, value| {
            let of_generic = value == "{world}" && generic.get(name) == Some(value) && name != "PLATFORM_URL";
            !(of_generic || value.contains("{world}/v1") || value == NO_KEY)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_the_simulated_provider_and_keeps_the_platform() {
        let mut generic = builtin::profile("generic").unwrap();
        generic.keep_own_model();
        let names: Vec<&str> = generic.env.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "CANARY_RUN_ID",
                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
                "COALMINE_STATE_DIR",
                "MOLECULE_MEMORY_ROOT",
                "PLATFORM_URL",
                "WORKSPACE_ID"
            ]
        );
    }

    #[test]
    fn keeps_other_variables_of_the_profile() {
        let text = "[env]\nMODE = \"dev\"\nHOME_URL = \"{world}\"\nOPENAI_BASE_URL = \"https://example.com\"\n\
                    LLM_URL = \"{world}/v1\"\nANTHROPIC_API_KEY = \"not-a-key\"\n";
        let mut mine = Profile::read("mine", "mine.toml", text).unwrap();
        mine.keep_own_model();
        assert_eq!(mine.env["OPENAI_BASE_URL"], "https://example.com");
        assert!(mine.env.contains_key("MODE") && mine.env.contains_key("HOME_URL"));
        assert!(!mine.env.contains_key("LLM_URL") && !mine.env.contains_key("ANTHROPIC_API_KEY"));
    }
}
