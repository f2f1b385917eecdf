//! Reading a profile file, with the profiles that it extends.

use coalmine_world::model::ROLES;

use super::{Profile, tools};
use crate::plan::{SourceError, builtin, did_you_mean, parse, problem::Problem};

/// The profile that every other one extends.
const BASE: &str = "generic";

impl Profile {
    /// Reads a profile. Keys that it leaves out are filled in from the profile that it extends. `name` is
    /// used if the text gives none, and `file` only names the file in errors.
    ///
    /// # Errors
    /// Returns the first problem, with its place in the file.
    pub fn read(name: &str, file: &str, text: &str) -> Result<Self, SourceError> {
        let mut profile = Self::read_with_base(name, file, text)?;
        if profile.name.is_empty() {
            profile.name = name.to_owned();
        }
        Ok(profile)
    }

    fn read_with_base(name: &str, file: &str, text: &str) -> Result<Self, SourceError> {
        // read alone first, so that a problem is shown in the file that it is in
        let own: Self = parse(file, text)?;
        own.check_roles()
            .and_then(|()| own.check_codes_of_limits())
            .and_then(|()| own.check_placeholders())
            .and_then(|()| own.check_auth())
            .and_then(|()| own.check_redis())
            .map_err(|problem| SourceError::placed(file, text, problem))?;
        let base = own.extends.clone().or_else(|| (name != BASE).then(|| BASE.to_owned()));
        let Some(base) = base.filter(|base| base != name) else { return Ok(own) };
        let Some(base_text) = builtin::profile_text(&base) else {
            let problem = Problem::at("extends", format!("no built-in profile is named `{base}`"));
            let help = did_you_mean(&base, builtin::profile_names());
            return Err(SourceError::placed(file, text, problem.help(help)));
        };
        let mut merged = table(&format!("profiles/{base}.toml"), base_text)?;
        if base != BASE {
            let mut lowest = table("profiles/generic.toml", builtin::profile_text(BASE).unwrap_or_default())?;
            tools::expand(&mut lowest);
            merge(&mut lowest, merged);
            merged = lowest;
        }
        tools::expand(&mut merged);
        merge(&mut merged, table(file, text)?);
        merged.try_into().map_err(|error: toml::de::Error| SourceError::whole(file, text, error.message()))
    }

    fn check_roles(&self) -> Result<(), Problem> {
        let Some(role) = self.tools.keys().find(|role| !ROLES.contains(&role.as_str())) else {
            return Ok(());
        };
        let problem = Problem::at(format!("tools/{role}"), format!("unknown role `{role}`")).needle(role);
        Err(problem.help(did_you_mean(role, ROLES)))
    }
}

fn table(file: &str, text: &str) -> Result<toml::Table, SourceError> {
    parse(file, text)
}

/// Lays `over` on top of `under`: tables are merged, other values are replaced.
fn merge(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => merge(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::plan::{Restart, Scope};

    #[test]
    fn keys_left_out_are_filled_in_from_generic() {
        let profile = Profile::read("mine", "mine.toml", "[env]\nOPENAI_API_KEY = \"x\"\n").unwrap();
        assert_eq!(profile.env["OPENAI_API_KEY"], "x");
        assert_eq!(profile.env["OPENAI_BASE_URL"], "{world}/v1");
        assert_eq!(profile.port, Some(8000));
        assert_eq!(profile.name, "mine");
    }

    #[test]
    fn a_profile_overrides_the_one_it_extends() {
        let text = "extends = \"reference\"\nrate = \"30/min\"\n[session]\nscope = \"workspace\"\n";
        let profile = Profile::read("mine", "mine.toml", text).unwrap();
        assert_eq!((profile.session.scope, profile.session.restart), (Scope::Workspace, Restart::Kept));
        assert_eq!(profile.rate.unwrap().interval, Duration::from_secs(2));
        assert_eq!(profile.state.http.as_deref(), Some("/admin/session-store"));
    }

    #[test]
    fn problems_are_shown_in_their_place() {
        let error =
            Profile::read("mine", "mine.toml", "port = 1\n[session]\nscop = \"context\"\n").unwrap_err();
        assert_eq!((error.position(), error.message.as_str()), ((3, 1), "unknown key `scop`"));
        let error = Profile::read("mine", "mine.toml", "[tools]\nskil = \"x\"\n").unwrap_err();
        assert_eq!((error.position(), error.help.as_deref()), ((2, 1), Some("did you mean `skill`?")));
        let error = Profile::read("mine", "mine.toml", "extends = \"refernce\"\n").unwrap_err();
        assert_eq!(error.help.as_deref(), Some("did you mean `reference`?"));
    }

    #[test]
    fn generic_knows_tools_by_their_usual_names() {
        let tools = Profile::read("mine", "mine.toml", "").unwrap().tools;
        let model = coalmine_world::model::SimulatedModel::new([], &tools).unwrap();
        for (role, names) in [
            (
                Some("skill"),
                "use_skill load_skill activate_skill Skill skill_view get_skill_instructions skills",
            ),
            (Some("skill"), "skill-activate mcp__local__read_skill invokeSkill"),
            (Some("peer"), "ask_peer ask_agent call_remote_agent send_message_to_agent a2a_send_message"),
            (
                Some("peer"),
                "delegate_task send_task message_peer callAgent send_task_to_remote_agent ask_a2a delegate_to_workspace",
            ),
            (Some("memory-write"), "commit_memory"),
            (Some("read-file"), "read_file"),
            (
                None,
                "list_skills run_skill_script load_skill_resource skill_manage create_skill search_skills",
            ),
            (
                None,
                "send_message_to_user send_message list_peers transfer_to_agent handoff_to_agent task agent",
            ),
            (None, "check_task_status list_agents create_task spawn_agent delegate_work_to_coworker"),
        ] {
            for name in names.split(' ') {
                assert_eq!(model.role_of(name), role, "{name}");
            }
        }
    }
}
