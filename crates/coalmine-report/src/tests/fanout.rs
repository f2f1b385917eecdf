use std::io::{self, Write};

use camino::Utf8Path;
use coalmine::event::Envelope;

use super::sample;
use crate::{EVENTS_FILE, Fanout, Ndjson, ReportError, Reporter};

/// Takes this many events, then fails.
struct Breaks(usize);

impl Reporter for Breaks {
    fn name(&self) -> &str {
        "breaks"
    }

    fn event(&mut self, _: &Envelope) -> Result<(), ReportError> {
        assert!(self.0 < usize::MAX, "a broken reporter receives nothing more");
        self.0 = self.0.checked_sub(1).unwrap_or(usize::MAX);
        if self.0 == usize::MAX { Err(ReportError::Write(io::Error::other("full"))) } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        panic!("a broken reporter is not completed")
    }
}

#[test]
fn a_broken_reporter_does_not_stop_the_others() {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut fanout =
        Fanout::new().with(Ndjson::new(&mut before)).with(Breaks(2)).with(Ndjson::new(&mut after));
    sample::red().events.iter().for_each(|envelope| fanout.event(envelope));
    let broken = fanout.finish();
    assert_eq!((broken.len(), broken[0].is_for_machines), (1, false));
    assert_eq!(broken[0].to_string(), "the report `breaks` is incomplete");
    assert_eq!(before, after);
    assert_eq!(before.iter().filter(|byte| **byte == b'\n').count(), sample::red().events.len());
}

#[test]
fn each_line_is_one_event() {
    let mut written = Vec::new();
    let mut ndjson = Ndjson::new(&mut written);
    sample::red().events.iter().for_each(|envelope| ndjson.event(envelope).unwrap());
    let read: Vec<Envelope> = written
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(read, sample::red().events);
}

/// A writer that records how much had been written at each flush.
#[derive(Default)]
struct Flushes(Vec<u8>, Vec<usize>);

impl Write for Flushes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.1.push(self.0.len());
        Ok(())
    }
}

#[test]
fn each_event_is_flushed_before_the_next() {
    let mut flushes = Flushes::default();
    let mut ndjson = Ndjson::new(&mut flushes);
    sample::green().events.iter().for_each(|envelope| ndjson.event(envelope).unwrap());
    assert_eq!(flushes.1.len(), sample::green().events.len());
    assert_eq!(flushes.1.last(), Some(&flushes.0.len()));
}

#[cfg(unix)]
#[test]
fn events_are_never_written_through_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8Path::from_path(folder.path()).unwrap();
    std::fs::write(path.join("precious"), "precious").unwrap();
    std::os::unix::fs::symlink(path.join("precious"), path.join(EVENTS_FILE)).unwrap();
    let mut ndjson = Ndjson::create(path).unwrap();
    ndjson.event(&sample::green().events[0]).unwrap();
    assert_eq!(std::fs::read_to_string(path.join("precious")).unwrap(), "precious");
    assert!(std::fs::read_to_string(path.join(EVENTS_FILE)).unwrap().starts_with("{\"seq\":0,"));
}

#[test]
fn reports_for_machines_that_cannot_be_written_say_so() {
    let gone = Utf8Path::new("/nonexistent/folder");
    let mut fanout = Fanout::new().with(Ndjson::new(Full)).with_all(crate::standard_reports(gone));
    sample::green().events.iter().for_each(|envelope| fanout.event(envelope));
    let broken = fanout.finish();
    let names: Vec<_> = broken.iter().map(|broken| (broken.name.as_str(), broken.is_for_machines)).collect();
    let for_machines = [("events.ndjson", true), ("summary.json", true), ("junit.xml", true)];
    assert_eq!(names, [&for_machines[..], &[("report.html", false)]].concat());
}

/// A disk that is full.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("no space left"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
