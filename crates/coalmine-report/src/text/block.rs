//! The blocks of which every account of a canary is made.

use coalmine::event::{Code, Mark, Rounds, Step, Verdict};

use super::{Command, Excerpt, Text};

/// The first line about a canary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Title {
    pub(crate) verdict: Verdict,
    pub(crate) number: Option<u32>,
    pub(crate) id: Excerpt,
    pub(crate) title: Excerpt,
    pub(crate) end: TitleEnd,
}

/// What stands at the end of a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TitleEnd {
    /// How long a judged canary took, in milliseconds.
    Duration(u64),
    /// Why the canary could not be judged.
    Code(Code),
    Nothing,
}

/// One fact about a canary. A report shows blocks in the order in which they were made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Block {
    /// How many rounds passed.
    Rounds(Rounds),
    /// Why a round failed although the canary passed.
    RoundFailed { round: u32, code: Code, sentence: Excerpt },
    /// Why the canary was skipped or could not be judged.
    Reason(Excerpt),
    /// A limit of the judgment of a canary that passed.
    Note(Excerpt),
    /// Which round the blocks after this one show.
    Round { shown: u32, asked: u32 },
    /// One turn of the conversation.
    Turn(Turn),
    /// How many turns are left out.
    MoreTurns(usize),
    /// A check that did not pass.
    FailedCheck(FailedCheck),
    /// How many failed checks are left out.
    MoreFailedChecks(usize),
    /// What the model got in the turn that went wrong.
    Prompt(PromptSeen),
    /// The path of the turn that went wrong.
    Path(Vec<PathStop>),
    /// Why the canary failed.
    Diagnosis { code: Code, sentence: Excerpt },
    /// Why something could not be judged.
    NotJudged(NotJudged),
    /// A piece of evidence.
    Evidence(Proof),
    /// How many pieces of evidence are left out.
    MoreEvidence(usize),
    /// Which other canaries have the same cause.
    Also(Excerpt),
    /// Which code to look up.
    Explain(Code),
    /// How to run it again.
    Again(Command),
}

/// A turn: who said what in which context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) number: u32,
    pub(crate) context: Excerpt,
    /// Whether this is the turn that went wrong.
    pub(crate) broken: bool,
    pub(crate) said: Vec<Said>,
}

/// One message of a turn, or what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) speaker: Speaker,
    pub(crate) text: Text,
}

/// Where the text of a [`Said`] comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    User,
    /// The names of the files that the user sent.
    File,
    Agent,
    /// The error in place of an answer, or beside it.
    Error,
    /// The reason why the turn was not sent.
    LeftOut,
}

/// A check that did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailedCheck {
    pub(crate) id: Excerpt,
    pub(crate) expected: Excerpt,
    pub(crate) actual: Excerpt,
}

/// The end of what the model got in a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PromptSeen {
    pub(crate) turn: u32,
    pub(crate) messages: Vec<SeenMessage>,
    /// What should have been in it.
    pub(crate) missing: Vec<Excerpt>,
    /// What should not have been in it.
    pub(crate) unwanted: Vec<Excerpt>,
}

/// A message that the model got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenMessage {
    pub(crate) role: Excerpt,
    pub(crate) text: Excerpt,
}

/// One step of the path of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathStop {
    pub(crate) step: Step,
    pub(crate) mark: Mark,
    /// What was seen at this step, if no other block says it.
    pub(crate) note: Option<Excerpt>,
}

/// Why something could not be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotJudged {
    pub(crate) code: Code,
    pub(crate) sentence: Excerpt,
    pub(crate) cause: Option<Excerpt>,
    /// The ids of the canaries that it stopped, if they are to be listed.
    pub(crate) canaries: Option<Excerpt>,
    pub(crate) hint: Option<Excerpt>,
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) what: Excerpt,
    /// The file that holds it, relative to the run's folder.
    pub(crate) path: Option<Excerpt>,
    /// The first lines of its text.
    pub(crate) lines: Vec<Excerpt>,
}
