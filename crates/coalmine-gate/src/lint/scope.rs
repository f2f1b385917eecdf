//! What a rule sees, and where it puts what it found.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    rc::Rc,
};

use super::{
    LintOptions, Server, Severity, Source,
    context::{Contexts, Occurrence, contexts, of_job},
    workflow::{Job, Trigger, Workflow, WorkflowError},
    yaml::Span,
};

/// The events and the jobs, by their place, that count as required.
type Required = Rc<Vec<(&'static str, usize)>>;

/// A file that was read.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) source: &'a Source,
    pub(super) parsed: Result<Workflow, WorkflowError>,
    /// The events and jobs that count as required on a server, which several rules ask for.
    required: RefCell<HashMap<Server, Required>>,
}

impl<'a> File<'a> {
    pub(super) fn read(source: &'a Source) -> Self {
        Self { source, parsed: Workflow::read(&source.text), required: RefCell::default() }
    }

    /// Returns the contexts that the file posts for an event if nothing filters it.
    pub(super) fn contexts(&self, event: &str, server: Server) -> Contexts {
        match &self.parsed {
            Ok(workflow) => contexts(workflow, &self.source.path, &Occurrence::of(event), server),
            Err(_) => Contexts::default(),
        }
    }
}

/// The events whose contexts a branch protection can require.
pub(super) const EVENTS: [&str; 4] = ["pull_request", "pull_request_target", "push", "merge_group"];

/// Something that a rule found on one server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Found {
    pub(super) file: Option<usize>,
    pub(super) span: Option<Span>,
    pub(super) severity: Severity,
    pub(super) message: String,
    pub(super) help: String,
}

/// A file, for a rule that looks at one.
pub(super) struct FileScope<'a> {
    pub(super) index: usize,
    pub(super) file: &'a File<'a>,
    pub(super) text: &'a str,
    pub(super) path: &'a str,
    pub(super) workflow: &'a Workflow,
    pub(super) server: Server,
    pub(super) options: &'a LintOptions,
    pub(super) found: &'a mut Vec<Found>,
}

impl<'a> FileScope<'a> {
    /// Reports an error.
    pub(super) fn error(&mut self, span: &Span, message: impl Into<String>, help: impl Into<String>) {
        self.report(Severity::Error, span, message, help);
    }

    /// Reports a warning.
    pub(super) fn warning(&mut self, span: &Span, message: impl Into<String>, help: impl Into<String>) {
        self.report(Severity::Warning, span, message, help);
    }

    fn report(
        &mut self,
        severity: Severity,
        span: &Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (message, help) = (message.into(), help.into());
        self.found.push(Found { file: Some(self.index), span: Some(span.clone()), severity, message, help });
    }

    /// Returns the jobs that count as required: those whose contexts a pull request needs, or, if nothing says which these are, all
    /// that run on pull requests or, in a workflow that does not, on every push.
    pub(super) fn required_jobs(&self) -> Vec<Job<'a>> {
        let required = self.required();
        let required: HashSet<usize> = required.iter().map(|(_, job)| *job).collect();
        let jobs = self.workflow.jobs().into_iter().enumerate();
        jobs.filter(|(at, _)| required.contains(at)).map(|(_, job)| job).collect()
    }

    /// Returns whether an event has a job that counts as required.
    pub(super) fn is_gate(&self, event: &str) -> bool {
        self.required().iter().any(|(known, _)| *known == event)
    }

    fn required(&self) -> Required {
        if let Some(known) = self.file.required.borrow().get(&self.server) {
            return Rc::clone(known);
        }
        let (events, jobs) = (self.events(), self.workflow.jobs());
        let pairs =
            events.iter().flat_map(|event| jobs.iter().enumerate().map(move |(at, job)| (*event, at, job)));
        let required =
            pairs.filter(|(event, _, job)| self.is_required(job, event)).map(|(event, at, _)| (event, at));
        let required = Rc::new(required.collect::<Vec<_>>());
        self.file.required.borrow_mut().insert(self.server, Rc::clone(&required));
        required
    }

    /// Returns the events of the workflow whose contexts can be required.
    pub(super) fn events(&self) -> Vec<&'static str> {
        let triggers = self.workflow.triggers();
        EVENTS.into_iter().filter(|event| triggers.iter().any(|trigger| trigger.event == *event)).collect()
    }

    /// Returns whether pushes are all that judges the head of a pull request: those to every branch start the workflow, and no pull
    /// request does.
    fn judges_by_push(&self) -> bool {
        let restricted =
            |push: &Trigger<'_>| ["branches", "tags"].iter().any(|name| push.filter(name).is_some());
        self.events() == ["push"] && self.workflow.trigger("push").is_some_and(|push| !restricted(&push))
    }

    fn is_required(&self, job: &Job<'_>, event: &str) -> bool {
        let Some(required) = &self.options.required else { return event != "push" || self.judges_by_push() };
        let all = of_job(self.workflow, self.path, job, event, self.server);
        required.iter().any(|glob| {
            all.exact.iter().any(|context| glob.matches(context))
                || all.unknown.iter().any(|unknown| glob.written().starts_with(&unknown.prefix))
        })
    }

    /// Returns the text of a span.
    pub(super) fn slice(&self, span: &Span) -> &'a str {
        self.text.get(span.clone()).unwrap_or_default()
    }
}

/// All files of a server, for a rule that compares them.
pub(super) struct SetScope<'a> {
    /// The files of all servers.
    pub(super) all: &'a [(usize, &'a File<'a>)],
    pub(super) files: &'a [(usize, &'a File<'a>)],
    pub(super) server: Server,
    pub(super) options: &'a LintOptions,
    pub(super) found: &'a mut Vec<Found>,
}

impl SetScope<'_> {
    /// Reports something about a place, or about no file in particular.
    pub(super) fn report(
        &mut self,
        severity: Severity,
        place: Option<(usize, Span)>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (file, span) = place.map(|(file, span)| (Some(file), Some(span))).unwrap_or_default();
        self.found.push(Found { file, span, severity, message: message.into(), help: help.into() });
    }
}
