//! Side calls that are requested in words: in the instructions, or at the beginning or the end of the user's
//! text.

use std::sync::LazyLock;

use regex::Regex;

use super::{SideCallKind, options};
use crate::{Prompt, Role};

/// Maximum number of bytes at the beginning and at the end of the user's text that are searched.
const MAX_EDGE: usize = 400;
/// Maximum number of sentences at the beginning of the instructions that are searched: further down, they
/// describe what an agent does beside its answers.
const MAX_SENTENCES: usize = 2;

/// Maximum length of the words that ask for a side call, in bytes.
const MAX_REQUEST: usize = 200;

/// Words that may stand between the beginning of a sentence and its verb.
const FILLERS: &str = r"(?:(?:please|now|then|and|you|must|should|will|need to|briefly|concisely|progressively|your|the|a|sole|only|main|primary|current|goal|task|job|role|objective|in this|is|are|to|as|first|following|expert|above)\b[ ,:]*)*";

/// A way to ask for a side call.
struct Form {
    kind: SideCallKind,
    pattern: Regex,
}

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    const TALK: &str = "conversation|dialog(?:ue)?|chat|transcript|discussion|history|messages|exchange|turns|context|session|thread|lines of";
    // without a bound, which would make the patterns large; long matches are left out
    const WORDS: &str = r"(?:[^.\n]*?\s)??";
    let forms = [
        (
            SideCallKind::Rewrite,
            format!(
                r"(?:rephrase|rewrite|reformulate|condense|formulate|given)\b[^\n]*?\b(?:standalone|stand-alone|self-contained) (?:question|query)|(?:rephrase|rewrite|reformulate) {WORDS}(?:question|query)\b"
            ),
        ),
        (
            SideCallKind::Summary,
            format!(
                r"(?:summari[sz]e|compact|condense|compress|shorten) {WORDS}(?:{TALK})\b|(?:create|write|provide|produce|generate|give|make|extend|prepare|update) {WORDS}(?:summary|recap|digest)\b|extract {WORDS}context\b|(?:performing )?{WORDS}context checkpoint"
            ),
        ),
        (
            SideCallKind::Suggestions,
            format!(
                r"(?:suggest|generate|write|propose|provide|create|predict|give) {WORDS}(?:follow[- ]?ups?|suggested|next) (?:questions?|prompts?|messages?|replies|suggestions)"
            ),
        ),
        (
            SideCallKind::Title,
            format!(
                r"(?:generate|write|create|give|suggest|come up with|provide|make|produce|return|choose) {WORDS}(?:title|headline|subject line|(?:chat|conversation|thread|session) name)\b"
            ),
        ),
        (
            SideCallKind::Extraction,
            format!(
                r"(?:extract|identify|collect|pull out|record) {WORDS}(?:facts?|memor(?:y|ies)|preferences|entities|information|knowledge|details|triples)\b"
            ),
        ),
        (
            SideCallKind::Guardrail,
            r"(?:check|determine|decide|classify|evaluate|assess|judge|detect|analy[sz]e|verify|review|screen|flag|moderate|categori[sz]e|label|route|select|choose|pick)\b"
                .to_owned(),
        ),
    ];
    let form = |(kind, asked): (SideCallKind, String)| {
        let pattern = format!(r"(?im)(?:^|[.!?:>]\s+)[^a-z0-9\n]*{FILLERS}(?:{asked})");
        // boundaries of words in ASCII: those of Unicode make patterns many times as large
        let pattern = pattern.replace(r"\b", r"(?-u:\b)").replace(r"\s", r"[ \t\r\n]");
        Some(Form { kind, pattern: Regex::new(&pattern).ok()? })
    };
    forms.into_iter().filter_map(form).collect()
});

/// Roles that the instructions give to a model that only decides or writes something small.
static ROLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)you are (?:an?|the) ([a-z ,-]*?)(?:(guardrail|moderator|moderation|content filter|safety (?:filter|classifier|checker))|(classifier|router)|(title generator)|(summari[sz]er|summari[sz]ation)|(memory extractor|information organi[sz]er|fact extractor))",
    )
    .ok()
});

/// An agent that talks to people; its own instructions may mention titles and summaries.
static TALKS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(not |n't |never |without )?(?-u:\b)(?:answer|help|assist|serve|chat with|talk to)(?:ing)?(?-u:\b)[^.\n]*?(?-u:\b)(?:users?|customers?|clients?|guests?|visitors?|people|questions?)(?-u:\b)",
    )
    .ok()
});

/// Lines of a conversation that is written into a text.
static TRANSCRIPT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?im)^[^a-z0-9\n]*(?:user|human|assistant|ai|agent|bot|model|customer)[^a-z0-9\n]*:|"role" *: *""#,
    )
    .ok()
});

/// Compiles the patterns, so that no answer waits for it.
pub(super) fn prepare() {
    LazyLock::force(&FORMS);
    LazyLock::force(&ROLE);
    LazyLock::force(&TALKS);
    LazyLock::force(&TRANSCRIPT);
}

/// Returns the purpose of the side call that a prompt requests in words. `is_answered` returns whether a rule
/// answers words of the user.
pub(super) fn find(prompt: &Prompt, is_answered: impl Fn(&str) -> bool) -> Option<SideCallKind> {
    let has_tools = !prompt.tools.is_empty() || !prompt.functions.is_empty();
    let system = instructions(prompt);
    if let Some(kind) = asked_by_system(prompt, &system)
        && (!has_tools || (kind == SideCallKind::Summary && has_transcript(prompt)))
        && (kind != SideCallKind::Summary || has_transcript(prompt) || prompt.messages.len() > 3)
    {
        return Some(kind);
    }
    let last = prompt.messages.last().filter(|message| message.role == Role::User)?.text.as_str();
    let head = &last[..last.floor_char_boundary(MAX_EDGE)];
    let tail = &last[last.ceil_char_boundary(last.len().saturating_sub(MAX_EDGE))..];
    for edge in [head, last_paragraph(tail)] {
        let Some((kind, words)) = match_forms(edge) else { continue };
        let is_fit = match kind {
            SideCallKind::Summary => has_transcript(prompt) || prompt.messages.len() > 2,
            SideCallKind::Guardrail => !has_tools && last.len() > MAX_EDGE,
            _ => !has_tools,
        };
        if is_fit && !is_answered(words) {
            return decided(kind, last);
        }
    }
    None
}

/// Returns whether the instructions are those of a guardrail.
pub(super) fn is_guardrail(prompt: &Prompt) -> bool {
    role(&instructions(prompt)) == Some(SideCallKind::Guardrail)
}

fn instructions(prompt: &Prompt) -> String {
    let system = prompt.messages.iter().filter(|message| message.role == Role::System);
    system.map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn asked_by_system(prompt: &Prompt, system: &str) -> Option<SideCallKind> {
    if system.is_empty() {
        return None;
    }
    let start = beginning(system);
    let kind = match role(start) {
        Some(kind) => kind,
        None if talks_to_people(system) => return None,
        None => match_forms(start)?.0,
    };
    match kind {
        SideCallKind::Guardrail | SideCallKind::Route | SideCallKind::Classification => {
            options::choose(prompt)?;
            decided(kind, system)
        }
        kind => Some(kind),
    }
}

/// Returns the role that the instructions give to the model, if it is one of a side call.
fn role(system: &str) -> Option<SideCallKind> {
    let found = ROLE.as_ref()?.captures(system)?;
    // an assistant *for* a router company is an assistant
    let between = found.get(1).map(|between| between.as_str().to_lowercase()).unwrap_or_default();
    if between
        .split_whitespace()
        .any(|word| ["for", "of", "at", "who", "that", "with", "in", "to"].contains(&word))
    {
        return None;
    }
    let kinds = [
        SideCallKind::Guardrail,
        SideCallKind::Route,
        SideCallKind::Title,
        SideCallKind::Summary,
        SideCallKind::Extraction,
    ];
    kinds.into_iter().zip(2..).find(|(_, group)| found.get(*group).is_some()).map(|(kind, _)| kind)
}

fn talks_to_people(system: &str) -> bool {
    TALKS.as_ref().is_some_and(|talks| talks.captures_iter(system).any(|found| found.get(1).is_none()))
}

/// Returns the kind of the first form in a text, and the words that ask for it.
fn match_forms(text: &str) -> Option<(SideCallKind, &str)> {
    FORMS.iter().find_map(|form| {
        let found = form.pattern.find_iter(text).find(|found| found.len() <= MAX_REQUEST)?;
        Some((form.kind, found.as_str()))
    })
}

/// Returns the kind of a decision, if the text lists the possible decisions and demands one of them alone.
fn decided(kind: SideCallKind, text: &str) -> Option<SideCallKind> {
    if !matches!(kind, SideCallKind::Guardrail | SideCallKind::Route | SideCallKind::Classification) {
        return Some(kind);
    }
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let demands =
        ["only", "single word", "one word", "exactly", "nothing else", "either", "one of", "just", "must"];
    if !has(&demands) || !options::are_listed(text) {
        return None;
    }
    Some(match kind {
        SideCallKind::Guardrail if has(&["route ", "router", "routing"]) => SideCallKind::Route,
        SideCallKind::Guardrail if options::is_verdict(text) => SideCallKind::Guardrail,
        SideCallKind::Guardrail => SideCallKind::Classification,
        kind => kind,
    })
}

/// Returns the first sentences of a text.
fn beginning(text: &str) -> &str {
    let mut ends = text.char_indices().filter(|(index, c)| {
        *c == '\n'
            || (matches!(c, '.' | '!' | '?')
                && text[index.saturating_add(c.len_utf8())..].starts_with(char::is_whitespace))
    });
    let end = ends.nth(MAX_SENTENCES - 1).map_or(text.len(), |(index, _)| index);
    &text[..text.floor_char_boundary(end.min(MAX_EDGE))]
}

fn last_paragraph(text: &str) -> &str {
    let text = text.trim_end();
    text.rsplit_once("\n\n").or_else(|| text.rsplit_once('\n')).map_or(text, |(_, last)| last)
}

/// Returns whether the user's text contains a conversation.
pub(super) fn has_transcript(prompt: &Prompt) -> bool {
    let mut user = prompt.messages.iter().filter(|message| message.role == Role::User);
    TRANSCRIPT.as_ref().is_some_and(|pattern| user.any(|message| pattern.is_match(&message.text)))
}
