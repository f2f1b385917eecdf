//! Rules for side calls: requests to the model beside the turn's own call, such as guardrails.

use std::collections::BTreeMap;

use coalmine_world::model::{SideCallAnswer, SideCallRule, SimulatedModel};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// A rule for side calls: how the simulated model recognizes one, and how it answers.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SideCall {
    /// How the call is recognized.
    pub when: SideCallMatch,
    /// The answer: a text, or the values of fields. Fields that are left out get values that let the turn go on.
    pub answer: SideCallReply,
}

/// How a side call is recognized: everything that is given must match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SideCallMatch {
    /// A regular expression that is searched for in the system text, regardless of case.
    pub system: Option<String>,
    /// A regular expression that is searched for in the names of the fields that the request demands, and of
    /// the tool that it forces, regardless of case.
    pub schema: Option<String>,
}

/// The answer to a side call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SideCallReply {
    /// A text.
    Text(String),
    /// Values of fields, such as `{ allowed = true }`.
    Fields(BTreeMap<String, Value>),
}

impl SideCall {
    /// Returns the rule as the simulated model takes it.
    pub fn rule(&self) -> SideCallRule {
        SideCallRule {
            when_system: self.when.system.clone(),
            when_schema: self.when.schema.clone(),
            answer: match &self.answer {
                SideCallReply::Text(text) => SideCallAnswer::Text(text.clone()),
                SideCallReply::Fields(fields) => SideCallAnswer::Fields(fields.clone()),
            },
        }
    }
}

impl<'de> Deserialize<'de> for SideCall {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            when: SideCallMatch,
            answer: SideCallReply,
        }
        let Table { when, answer } = Table::deserialize(deserializer)?;
        if when.system.is_none() && when.schema.is_none() {
            return Err(D::Error::custom("invalid `when`: expected `system`, `schema` or both"));
        }
        let side_call = Self { when, answer };
        SimulatedModel::default().with_side_calls([side_call.rule()]).map_err(D::Error::custom)?;
        Ok(side_call)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Profile, *};

    fn read(text: &str) -> Result<Vec<SideCall>, String> {
        let profile = Profile::read("mine", "mine.toml", text).map_err(|error| error.message)?;
        Ok(profile.side_call)
    }

    #[test]
    fn reads_texts_and_fields() {
        let text = "[[side-call]]\nwhen.system = \"guard\"\nwhen.schema = \"^allowed$\"\nanswer = { allowed = true }\n\
                    [[side-call]]\nwhen.system = \"title\"\nanswer = \"Roses\"\n";
        let side_calls = read(text).unwrap();
        assert_eq!(side_calls[0].when.schema.as_deref(), Some("^allowed$"));
        let fields = BTreeMap::from([("allowed".to_owned(), Value::Bool(true))]);
        assert_eq!(side_calls[0].rule().answer, SideCallAnswer::Fields(fields));
        assert_eq!(side_calls[1].answer, SideCallReply::Text("Roses".into()));
    }

    #[test]
    fn refuses_what_can_not_match() {
        for (text, problem) in [
            ("answer = \"x\"", "missing key `when`"),
            ("answer = \"x\"\n[side-call.when]", "invalid `when`"),
            ("when.sytem = \"x\"\nanswer = \"x\"", "sytem"),
            (
                "when.system = \"(\"\nanswer = \"x\"",
                "`side-call.when.system` is not a valid regular expression",
            ),
            ("when.system = \"x\"\nanswer = \"x\"\nreply = \"y\"", "reply"),
        ] {
            let error = read(&format!("[[side-call]]\n{text}\n")).unwrap_err();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
