//! The report for people, shown line by line while the run goes on.

use std::io::Write;

use coalmine::event::{CanaryReport, Envelope, Event, Layer, Phase, Progress, Verdict};

use super::{
    closing::Closing,
    columns::{Columns, header},
    page::Page,
};
use crate::{
    Record, ReportError, Reporter,
    text::{Block, Excerpt, Line, causes, notes, title},
};

/// Columns in front of the details of a canary.
const DETAILS: usize = 4;
/// Columns in front of the notes under a title.
const NOTES: usize = 8;
/// The most characters of a message about progress.
const MAX_MESSAGE: usize = 200;

/// How to show a run.
#[derive(Debug, Clone, Default)]
pub struct TerminalOptions {
    /// Whether colors can be shown. Everything can be understood without them.
    pub color: bool,
    /// Whether to show nothing if all is green, and only the causes and the closing lines otherwise.
    pub quiet: bool,
    /// Whether canaries are counted at the end rather than listed as they end.
    pub counted: bool,
    /// Whether the screen shows ASCII only, so that signs beyond it are replaced.
    pub ascii: bool,
    /// Columns of the screen; 0 if unknown, and titles are never cut then.
    pub width: usize,
    /// Whether this is a CI log, in which nobody sees a progress bar, so that a pull is reported in a line.
    pub ci: bool,
    /// The run's folder as the reader would type it, if it is no longer the one in the events.
    pub folder: Option<String>,
}

/// Shows a run line by line as it goes on.
#[derive(Debug)]
pub struct Terminal<W> {
    writer: W,
    options: TerminalOptions,
    record: Record,
    columns: Columns,
    header_shown: bool,
    pull_shown: bool,
    /// Whether the last thing shown was an empty line. Nothing shown yet counts as one.
    spaced: bool,
}

impl<W: Write> Terminal<W> {
    /// Shows a run on `writer`.
    pub fn new(writer: W, options: TerminalOptions) -> Self {
        Self {
            writer,
            options,
            record: Record::default(),
            columns: Columns::default(),
            header_shown: false,
            pull_shown: false,
            spaced: true,
        }
    }

    fn page(&self) -> Page {
        Page::after(self.spaced, self.options.color, self.options.ascii)
    }

    fn take(&mut self, event: &Event) -> Page {
        let mut page = self.page();
        match event {
            Event::RunStarted(started) => {
                // In ASCII the sign for a cut title takes two more columns.
                let width = self.options.width.saturating_sub(if self.options.ascii { 2 } else { 0 });
                self.columns = Columns::new(&started.canaries, width);
            }
            Event::Progress(progress) => self.progress(&mut page, progress),
            Event::TargetReady(_) => self.header(&mut page),
            Event::CanaryEnded(report) => self.canary(&mut page, report),
            Event::CanaryStarted { .. } | Event::Finding(_) | Event::RunEnded(_) => {}
        }
        page
    }

    fn progress(&mut self, page: &mut Page, progress: &Progress) {
        let wanted = self.options.ci && !self.options.quiet && !self.pull_shown;
        if wanted && progress.phase == Phase::Pull {
            self.pull_shown = true;
            page.line(0, &Line::new("pull: ").plain(&Excerpt::new(&progress.message, MAX_MESSAGE)));
        }
    }

    fn header(&mut self, page: &mut Page) {
        if self.header_shown || self.options.quiet {
            return;
        }
        if let (Some(started), Some(target)) = (&self.record.started, self.record.target()) {
            page.line(0, &header(&started.run, &target));
            self.header_shown = true;
        }
    }

    fn canary(&mut self, page: &mut Page, report: &CanaryReport) {
        self.header(page);
        if self.is_listed(report) {
            page.line(0, &self.columns.line(&title(report)));
            self.blocks(page, NOTES, &notes(report));
        }
    }

    /// Returns whether a canary has a line of its own as soon as it ends. Its cause is shown at the end anyway.
    fn is_listed(&self, report: &CanaryReport) -> bool {
        let of_boot = report.diagnosis.as_ref().is_some_and(|diagnosis| diagnosis.layer == Layer::Boot);
        match report.verdict {
            // One block at the end says why none of them could be judged.
            Verdict::Error if of_boot => false,
            Verdict::Xpass => true,
            Verdict::Skip if self.record.strict() => true,
            Verdict::Error if report.diagnosis.is_none() => !self.options.counted,
            _ if self.options.quiet => false,
            Verdict::Xfail => true,
            _ => !self.options.counted || report.rounds.is_some(),
        }
    }

    fn blocks(&self, page: &mut Page, indent: usize, blocks: &[Block]) {
        let lines = blocks.iter().flat_map(|block| block.lines(self.folder()));
        lines.for_each(|line| page.line(indent, &line));
    }

    /// Returns the run's folder as the reader would type it.
    fn folder(&self) -> Option<&str> {
        let started = self.record.started.as_ref();
        self.options.folder.as_deref().or(started.map(|started| started.out.as_str()))
    }

    fn end(&mut self) -> Page {
        let mut page = self.page();
        for report in self.record.missing() {
            self.canary(&mut page, &report);
        }
        self.header(&mut page);
        if self.record.started.is_none() {
            return page;
        }
        for cause in causes(&self.record) {
            page.separate();
            if let Some(title) = &cause.title {
                page.line(0, &self.columns.line(title));
            }
            let indent = if cause.title.is_some() { DETAILS } else { 0 };
            self.blocks(&mut page, indent, &cause.blocks);
        }
        Closing { record: &self.record, options: &self.options, folder: self.folder() }.write(&mut page);
        page
    }

    fn show(&mut self, page: &Page) -> Result<(), ReportError> {
        self.spaced = page.spaced();
        if !page.is_empty() {
            self.writer.write_all(page.as_bytes())?;
            self.writer.flush()?;
        }
        Ok(())
    }
}

impl<W: Write> Reporter for Terminal<W> {
    fn name(&self) -> &str {
        "terminal"
    }

    fn event(&mut self, envelope: &Envelope) -> Result<(), ReportError> {
        self.record.push(envelope)?;
        let page = self.take(&envelope.event);
        self.show(&page)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let page = self.end();
        self.show(&page)
    }
}
