//! Rules of a profile for side calls.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use super::structure::Structure;
use crate::{
    Prompt, Role,
    model::{RuleError, pattern},
};

/// A rule for side calls: how to recognize one, and how to answer it. At least one pattern should be given;
/// each that is given must match.
#[derive(Debug, Clone, PartialEq)]
pub struct SideCallRule {
    /// A case-insensitive regular expression, searched for in the system text.
    pub when_system: Option<String>,
    /// A case-insensitive regular expression, searched for in the name of the forced tool and in the names of
    /// the fields that the request demands.
    pub when_schema: Option<String>,
    /// The answer.
    pub answer: SideCallAnswer,
}

/// The answer to a side call.
#[derive(Debug, Clone, PartialEq)]
pub enum SideCallAnswer {
    /// A text. If the request demands a structure, the text goes where an answer most likely belongs.
    Text(String),
    /// Values of fields. Other fields that the request demands get benign values.
    Fields(BTreeMap<String, Value>),
}

/// A rule with its compiled patterns.
#[derive(Debug, Clone)]
pub(in crate::model) struct CompiledSideCallRule {
    system: Option<Regex>,
    schema: Option<Regex>,
    answer: SideCallAnswer,
}

impl CompiledSideCallRule {
    /// Compiles the patterns.
    pub(in crate::model) fn new(rule: SideCallRule) -> Result<Self, RuleError> {
        let compile = |key, text: Option<String>| text.map(|text| pattern(key, &text)).transpose();
        Ok(Self {
            system: compile("side-call.when.system", rule.when_system)?,
            schema: compile("side-call.when.schema", rule.when_schema)?,
            answer: rule.answer,
        })
    }

    pub(super) fn answer(&self) -> &SideCallAnswer {
        &self.answer
    }

    /// Returns whether all patterns match. A rule without patterns matches nothing.
    pub(super) fn matches(&self, prompt: &Prompt, structure: Option<&Structure<'_>>) -> bool {
        let system = |pattern: &Regex| {
            prompt.messages.iter().any(|m| m.role == Role::System && pattern.is_match(&m.text))
        };
        let schema = |pattern: &Regex| {
            structure.is_some_and(|structure| structure.names().any(|name| pattern.is_match(name)))
        };
        (self.system.is_some() || self.schema.is_some())
            && self.system.as_ref().is_none_or(system)
            && self.schema.as_ref().is_none_or(schema)
    }
}
