//! Credentials for the A2A interface. Secrets come from the run or from the environment, never from the file.

use base64::{Engine, prelude::BASE64_STANDARD};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Profile;
use crate::plan::problem::Problem;

const FROM_RUN: &str = "{token}";
const FROM_ENVIRONMENT: &str = "{env:";

/// Credentials for the A2A interface, in one of four forms. Secrets are written as `{token}`, a token that is
/// generated for the run, or as `{env:NAME}`, a variable of the environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// The token that is sent as `Authorization: Bearer …`.
    pub bearer: Option<String>,
    /// The name of a header, such as `X-Api-Key`, that is sent with `value`.
    pub header: Option<String>,
    /// The value of the header.
    pub value: Option<String>,
    /// A user and a password, sent as `Authorization: Basic …`.
    pub basic: Option<BasicAuth>,
    /// A parameter of the query, such as `api_key`.
    pub query: Option<QueryAuth>,
    /// Who gets the credentials.
    #[serde(rename = "send-to")]
    pub send_to: SendTo,
    /// The credentials of a second principal, in the same forms, for canaries that act for two.
    #[schemars(with = "Option<std::collections::BTreeMap<String, serde_json::Value>>")]
    pub other: Option<Box<Auth>>,
}

/// Who gets the credentials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SendTo {
    /// The address that the user gave, or the port that coalmine chose.
    #[default]
    Given,
    /// Also an address that the agent card names.
    Card,
}

/// A user and a password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BasicAuth {
    /// The name of the user.
    pub user: String,
    /// The password.
    pub password: String,
}

/// A parameter of the query.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryAuth {
    /// The name of the parameter.
    pub name: String,
    /// The value of the parameter.
    pub value: String,
}

/// What is sent with every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentAuth {
    /// The header and its value, if there is one.
    pub header: Option<(String, String)>,
    /// The parameter of the query and its value, if there is one.
    pub query: Option<(String, String)>,
}

impl Auth {
    /// Fills in the variables of the environment, here and for the second principal.
    ///
    /// # Errors
    /// Returns the name of the first variable that is not set.
    pub fn from_environment(mut self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        for text in self.secrets_mut() {
            *text = filled(text, variable)?;
        }
        if let Some(other) = self.other.take() {
            self.other = Some(Box::new(other.from_environment(variable)?));
        }
        Ok(self)
    }

    /// Returns what is sent, with the run's token.
    pub fn sent(&self, token: &str) -> SentAuth {
        let fill = |text: &str| text.replace(FROM_RUN, token);
        let header = match (&self.bearer, &self.header, &self.value, &self.basic) {
            (Some(bearer), ..) => Some(("Authorization".to_owned(), format!("Bearer {}", fill(bearer)))),
            (None, Some(name), Some(value), _) => Some((name.clone(), fill(value))),
            (.., Some(BasicAuth { user, password })) => {
                let pair = BASE64_STANDARD.encode(format!("{user}:{}", fill(password)));
                Some(("Authorization".to_owned(), format!("Basic {pair}")))
            }
            _ => None,
        };
        let query = self.query.as_ref().map(|query| (query.name.clone(), fill(&query.value)));
        SentAuth { header, query }
    }

    /// Returns all secrets as they are sent, those of the second principal too.
    pub fn secrets(&self, token: &str) -> Vec<String> {
        let SentAuth { header, query } = self.sent(token);
        let sent = header.into_iter().chain(query).map(|(_, value)| value);
        let bare = |value: String| match value.split_once(' ') {
            Some((_, rest)) => rest.to_owned(),
            None => value,
        };
        let password = self.basic.iter().map(|basic| basic.password.replace(FROM_RUN, token));
        let other = self.other.iter().flat_map(|other| other.secrets(token));
        sent.map(bare).chain(password).chain(other).collect()
    }

    fn secrets_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let basic = self.basic.as_mut().map(|basic| &mut basic.password);
        let query = self.query.as_mut().map(|query| &mut query.value);
        [self.bearer.as_mut(), self.value.as_mut(), basic, query].into_iter().flatten()
    }

    fn check(&self, path: &str) -> Result<(), Problem> {
        let forms =
            [self.bearer.is_some(), self.header.is_some(), self.basic.is_some(), self.query.is_some()];
        if forms.into_iter().filter(|given| *given).count() != 1 {
            let problem = Problem::at(path, "expected one of `bearer`, `header`, `basic` and `query`");
            return Err(problem.help("write `auth = { bearer = \"{token}\" }`"));
        }
        if self.header.is_some() != self.value.is_some() {
            let problem = Problem::at(path, "`header` and `value` belong together");
            return Err(problem.help("write `auth = { header = \"X-Api-Key\", value = \"{token}\" }`"));
        }
        let secrets = [
            ("bearer", self.bearer.as_deref()),
            ("value", self.value.as_deref()),
            ("basic/password", self.basic.as_ref().map(|basic| basic.password.as_str())),
            ("query/value", self.query.as_ref().map(|query| query.value.as_str())),
        ];
        for (key, text) in secrets {
            if text.is_some_and(|text| !has_placeholder(text)) {
                let problem = Problem::at(format!("{path}/{key}"), "a secret stands in the profile");
                return Err(problem.help(
                    "write `{env:NAME}` for a variable of the environment, or `{token}` for a token of the run",
                ));
            }
        }
        match &self.other {
            Some(other) if other.send_to != SendTo::default() => {
                let problem =
                    Problem::at(format!("{path}/other/send-to"), "`send-to` holds for both principals");
                Err(problem.help("write it in `auth` itself"))
            }
            Some(other) if other.other.is_some() => {
                Err(Problem::at(format!("{path}/other/other"), "there are at most two principals"))
            }
            Some(other) => other.check(&format!("{path}/other")),
            None => Ok(()),
        }
    }
}

impl Profile {
    /// Checks that credentials have one form, and that no secret stands in the profile.
    pub(super) fn check_auth(&self) -> Result<(), Problem> {
        self.auth.iter().try_for_each(|auth| auth.check("auth"))
    }
}

fn has_placeholder(text: &str) -> bool {
    text.contains(FROM_RUN) || variables(text).next().is_some()
}

/// Returns the names of the variables in a text.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let is_name =
        |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    text.split(FROM_ENVIRONMENT).skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).filter(is_name)
}

pub(super) fn filled(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    variables(text).try_fold(text.to_owned(), |filled, name| {
        let value = variable(name).ok_or_else(|| name.to_owned())?;
        Ok(filled.replace(&format!("{FROM_ENVIRONMENT}{name}}}"), &value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth(line: &str) -> Auth {
        Profile::read("mine", "mine.toml", line).unwrap().auth.unwrap()
    }

    fn refused(line: &str) -> String {
        Profile::read("mine", "mine.toml", line).unwrap_err().message
    }

    fn header(line: &str) -> (String, String) {
        auth(line).sent("t0k").header.unwrap()
    }

    #[test]
    fn credentials_are_sent_in_every_form() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(header("auth.bearer = \"{token}\""), pair("Authorization", "Bearer t0k"));
        assert_eq!(
            header("auth = { header = \"X-Api-Key\", value = \"{token}\" }"),
            pair("X-Api-Key", "t0k")
        );
        assert_eq!(
            header("auth.basic = { user = \"me\", password = \"{token}\" }"),
            pair("Authorization", "Basic bWU6dDBr")
        );
        let query = auth("auth.query = { name = \"api_key\", value = \"{token}\" }").sent("t0k");
        assert_eq!(query, SentAuth { header: None, query: Some(pair("api_key", "t0k")) });
    }

    #[test]
    fn secrets_come_from_the_environment() {
        let line = "auth = { bearer = \"{env:A}\", other = { header = \"X\", value = \"Token {env:B}\" } }";
        let variable = |name: &str| Some(name.to_lowercase().repeat(3));
        let filled = auth(line).from_environment(&variable).unwrap();
        assert_eq!(filled.sent("").header.unwrap().1, "Bearer aaa");
        assert_eq!(filled.other.as_ref().unwrap().sent("").header.unwrap().1, "Token bbb");
        assert_eq!(filled.secrets(""), ["aaa", "bbb"]);
        assert_eq!(auth(line).from_environment(&|name| (name == "A").then(String::new)), Err("B".to_owned()));
    }

    #[test]
    fn secrets_in_the_profile_are_refused() {
        for line in [
            "auth.bearer = \"sk-123\"",
            "auth.bearer = \"{env:}\"",
            "auth = { header = \"X-Api-Key\", value = \"abc\" }",
            "auth.basic = { user = \"me\", password = \"abc\" }",
            "auth.query = { name = \"key\", value = \"abc\" }",
            "auth = { bearer = \"{token}\", other.bearer = \"abc\" }",
        ] {
            assert_eq!(refused(line), "a secret stands in the profile", "{line}");
        }
        let misplaced =
            "auth = { bearer = \"{token}\", other = { bearer = \"{token}\", send-to = \"card\" } }";
        assert_eq!(refused(misplaced), "`send-to` holds for both principals");
        assert!(refused("auth = { bearer = \"{token}\", send-to = \"all\" }").contains("`all`"));
        assert_eq!(auth("auth = { bearer = \"{token}\", send-to = \"card\" }").send_to, SendTo::Card);
        assert_eq!(auth("auth.bearer = \"{token}\"").send_to, SendTo::Given);
        assert!(refused("auth = {}").starts_with("expected one of"));
        assert!(refused("auth = { header = \"X\" }").contains("belong together"));
        let two = "auth = { bearer = \"{token}\", query = { name = \"k\", value = \"{token}\" } }";
        assert!(refused(two).starts_with("expected one of"));
    }
}
