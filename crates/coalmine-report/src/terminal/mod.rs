//! What a person sees. Nothing in here prints: the caller gives the place to write to.

mod block;
mod path;
mod closing;
mod line;
mod page;
mod paint;
mod problem;
mod turns;

use std::io::Write;

pub(crate) use block::Block;
use closing::Closing;
use coalmine::event::{CanaryReport, Envelope, Event, Phase, Progress, Verdict};
use line::Columns;
use page::Page;
pub(crate) use paint::Paint;
use problem::Problems;

use crate::{Record, ReportError, Reporter};

/// How to show a run.
#[derive(Debug, Clone, Default)]
pub struct TerminalOptions {
    /// Whether colours can be shown. Everything can be understood without them.
    pub color: bool,
    /// Nothing when green, else what failed and the closing line.
    pub quiet: bool,
    /// Columns of the screen; 0 when unknown, and titles are never cut then.
    pub width: usize,
    /// Whether this is a CI log, where nobody sees a progress bar: a pull is told in a line then.
    pub ci: bool,
    /// The run's folder as the reader would type it, where it is not the one in the events any more.
    pub folder: Option<String>,
}

/// Shows a run line by line as it goes on.
#[derive(Debug)]
pub struct Terminal<W> {
    writer: W,
    options: TerminalOptions,
    paint: Paint,
    record: Record,
    columns: Columns,
    headed: bool,
    pull_told: bool,
    /// Whether the last thing shown was an empty line; so is the start.
    spaced: bool,
}

impl<W: Write> Terminal<W> {
    /// Shows a run on `writer`.
    pub fn new(writer: W, options: TerminalOptions) -> Self {
        Self {
            writer,
            paint: if options.color { Paint::colored() } else { Paint::plain() },
            options,
            record: Record::default(),
            columns: Columns::default(),
            headed: false,
            pull_told: false,
            spaced: true,
        }
    }

    fn page(&mut self, event: &Event) -> Page {
        let mut page = Page::after(self.spaced);
        match event {
            Event::RunStarted(started) => {
                self.columns = Columns::new(&started.canaries, self.options.width);
            }
            Event::Progress(progress) => self.progress(&mut page, progress),
            Event::TargetReady(_) => self.header(&mut page),
            Event::CanaryEnded(report) => self.canary(&mut page, report),
            Event::CanaryStarted { .. } | Event::Finding(_) | Event::RunEnded(_) => {}
        }
        page
    }

    fn progress(&mut self, page: &mut Page, progress: &Progress) {
        let tell = self.options.ci && !self.options.quiet && !self.pull_told;
        if tell && progress.phase == Phase::Pull {
            self.pull_told = true;
            page.line(0, format!("pull: {}", crate::escape_bounded(&progress.message, 200)));
        }
    }

    fn header(&mut self, page: &mut Page) {
        let quiet = self.options.quiet;
        let (false, false, Some(started)) = (self.headed, quiet, &self.record.started) else { return };
        let target = self.record.target().unwrap_or_else(|| started.target.clone());
        page.line(0, self.paint.bold(&line::header(&started.run, &target)));
        self.headed = true;
    }

    fn canary(&mut self, page: &mut Page, report: &CanaryReport) {
        self.header(page);
        let unremarkable = match report.verdict {
            Verdict::Pass => true,
            Verdict::Skip => !self.record.strict(),
            Verdict::Fail | Verdict::Error => false,
        };
        if self.options.quiet && unremarkable {
            return;
        }
        self.columns.line(page, self.paint, report);
        if let (Verdict::Fail, Some(block)) = (report.verdict, self.block()) {
            block.write(page, report);
            page.separate();
        }
    }

    fn block(&self) -> Option<Block<'_>> {
        let started = self.record.started.as_ref()?;
        let folder = self.options.folder.as_deref().unwrap_or(&started.out);
        Some(Block { paint: self.paint, folder: Some(folder), run: &started.run })
    }

    fn end(&mut self) -> Page {
        let mut page = Page::after(self.spaced);
        for report in self.record.missing() {
            self.canary(&mut page, &report);
        }
        self.header(&mut page);
        let Some(block) = self.block() else { return page };
        Problems::of(&self.record).write(&mut page, &block, &self.columns);
        Closing { record: &self.record, paint: self.paint, quiet: self.options.quiet, folder: block.folder }
            .write(&mut page);
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
        let page = self.page(&envelope.event);
        self.show(&page)
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let page = self.end();
        self.show(&page)
    }
}
