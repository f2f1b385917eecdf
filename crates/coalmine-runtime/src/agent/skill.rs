//! The tool `use_skill`.

use super::Agent;
use crate::{fault::Fault, model::ToolCall};

impl Agent {
    /// The instructions of the skill that the model asks for.
    pub(super) fn use_skill(&self, call: &ToolCall) -> Result<String, String> {
        let name = call.argument("name")?;
        let skill = self.skills.find(&name).ok_or_else(|| {
            let known: Vec<_> = self.skills.all().iter().map(|skill| skill.name.as_str()).collect();
            format!("error: there is no skill `{name}`; known are: {}", known.join(", "))
        })?;
        if self.faults.is(Fault::ToolSkillResultDropped) {
            return Ok(String::new());
        }
        Ok(skill.instructions.clone())
    }
}
