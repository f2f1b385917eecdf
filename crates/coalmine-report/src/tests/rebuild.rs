use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use coalmine::event::Verdict;
use tempfile::TempDir;

use super::sample::{self, Stream};
use crate::{
    EVENTS_FILE, Fanout, Ndjson, RebuildError, Rebuilt, Terminal, TerminalOptions, rebuild, standard_reports,
    write_atomically,
};

fn folder() -> (TempDir, Utf8PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    (folder, path)
}

/// The names of all files that a run writes, in alphabetical order.
fn written_files(folder: &Utf8Path) -> Vec<String> {
    let reports = standard_reports(folder);
    let reports = reports.iter().flat_map(|report| report.files()).copied();
    let mut names: Vec<_> = reports.chain([EVENTS_FILE]).map(str::to_owned).collect();
    names.sort();
    names
}

/// Writes all reports of a run and returns what the terminal showed.
fn live(folder: &Utf8Path, stream: &Stream) -> Vec<u8> {
    let mut shown = Vec::new();
    let mut fanout = Fanout::new()
        .with(Ndjson::create(folder).unwrap())
        .with_all(standard_reports(folder))
        .with(Terminal::new(&mut shown, TerminalOptions::default()));
    stream.events.iter().for_each(|envelope| fanout.event(envelope));
    assert!(fanout.finish().is_empty());
    shown
}

fn again(folder: &Utf8Path) -> Result<(Rebuilt, Vec<u8>), RebuildError> {
    let mut shown = Vec::new();
    let rebuilt = rebuild(folder, Fanout::new().with(Terminal::new(&mut shown, TerminalOptions::default())))?;
    Ok((rebuilt, shown))
}

fn files(folder: &Utf8Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn rebuilt_reports_are_the_same_bytes_as_the_live_ones() {
    for stream in [sample::green(), sample::red(), sample::not_ready()] {
        let (_guard, path) = folder();
        let shown = live(&path, &stream);
        let before = files(&path);
        let names: Vec<_> = before.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, written_files(&path));
        fs::remove_file(path.join("summary.json")).unwrap();
        fs::write(path.join("junit.xml"), "stale").unwrap();

        let (rebuilt, shown_again) = again(&path).unwrap();
        assert_eq!(files(&path), before);
        assert_eq!(shown_again, shown);
        assert!(rebuilt.torn.is_none() && rebuilt.broken.is_empty());
    }
}

#[test]
fn a_torn_last_line_is_left_out_and_reported() {
    let (_guard, path) = folder();
    live(&path, &sample::green());
    let whole = fs::read(path.join(EVENTS_FILE)).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for cut in (last + 1..whole.len() - 1).step_by(7) {
        fs::write(path.join(EVENTS_FILE), &whole[..cut]).unwrap();
        let (rebuilt, _) = again(&path).unwrap();
        assert_eq!(rebuilt.torn, Some(9), "cut at {cut}");
        assert_eq!(rebuilt.summary.verdict, Verdict::Error);
    }
    fs::write(path.join(EVENTS_FILE), &whole[..whole.len() - 1]).unwrap();
    let (rebuilt, _) = again(&path).unwrap();
    assert_eq!((rebuilt.torn, rebuilt.summary.verdict), (None, Verdict::Pass));
}

#[test]
fn a_bad_line_is_refused_and_the_old_reports_stay() {
    let (_guard, path) = folder();
    live(&path, &sample::red());
    let text = fs::read_to_string(path.join(EVENTS_FILE)).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    lines[2] = "{\"seq\":2}";
    fs::write(path.join(EVENTS_FILE), lines.join("\n") + "\n").unwrap();
    let before = files(&path);
    let error = again(&path).unwrap_err();
    assert!(matches!(error, RebuildError::Line { line: 3, .. }), "{error:?}");
    assert_eq!(files(&path), before);
}

#[test]
fn an_empty_or_missing_or_contradictory_stream_is_refused() {
    let (_guard, path) = folder();
    assert!(matches!(again(&path), Err(RebuildError::Read { .. })));
    fs::write(path.join(EVENTS_FILE), "").unwrap();
    assert!(matches!(again(&path), Err(RebuildError::Stream { .. })));
    let mut stream = sample::green();
    stream.events.remove(3);
    let lines: Vec<_> = stream.events.iter().map(|one| serde_json::to_string(one).unwrap() + "\n").collect();
    fs::write(path.join(EVENTS_FILE), lines.concat()).unwrap();
    let error = again(&path).unwrap_err();
    assert!(matches!(error, RebuildError::Stream { .. }), "{error:?}");
}

#[test]
fn a_line_without_end_is_refused_and_not_read_into_memory() {
    let (_guard, path) = folder();
    let file = fs::File::create(path.join(EVENTS_FILE)).unwrap();
    file.set_len(1 << 40).unwrap();
    let error = again(&path).unwrap_err();
    assert!(matches!(error, RebuildError::TooLong { line: 1, .. }), "{error:?}");
}

#[cfg(unix)]
#[test]
fn a_link_in_the_folder_is_replaced_and_not_followed() {
    let (_guard, path) = folder();
    let (_outside_guard, outside) = folder();
    let precious = outside.join("precious");
    fs::write(&precious, "precious").unwrap();
    for name in ["summary.json", "junit.xml"] {
        std::os::unix::fs::symlink(&precious, path.join(name)).unwrap();
    }
    live(&path, &sample::green());
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
    assert!(fs::symlink_metadata(path.join("summary.json")).unwrap().is_file());
}

#[test]
fn an_unwritable_report_does_not_stop_the_others() {
    let (_guard, path) = folder();
    live(&path, &sample::green());
    fs::remove_file(path.join("summary.json")).unwrap();
    fs::create_dir(path.join("summary.json")).unwrap();
    fs::remove_file(path.join("junit.xml")).unwrap();
    let (rebuilt, _) = again(&path).unwrap();
    assert_eq!(
        rebuilt.broken.iter().map(|broken| broken.name.as_str()).collect::<Vec<_>>(),
        ["summary.json"]
    );
    let names: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().ends_with(".part")), "{names:?}");
    assert!(path.join("junit.xml").is_file());
}

#[test]
fn a_file_that_cannot_be_written_whole_leaves_the_old_one() {
    let (_guard, path) = folder();
    fs::write(path.join("summary.json"), "old").unwrap();
    let beside = path.join(format!(".summary.json.{}.part", std::process::id()));
    fs::create_dir(&beside).unwrap();
    write_atomically(&path, "summary.json", b"new").unwrap_err();
    assert_eq!(fs::read_to_string(path.join("summary.json")).unwrap(), "old");
    fs::remove_dir(&beside).unwrap();
    write_atomically(&path, "summary.json", b"new").unwrap();
    assert_eq!(files(&path), [("summary.json".to_owned(), b"new".to_vec())]);
}
