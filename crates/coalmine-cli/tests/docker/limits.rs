//! What a container may use, and what becomes of one that takes more.

use std::io::Write;

use crate::support::{Run, build_with_shell, leftovers, share_engine};

/// Runs with more than 16 MiB in a file of the container, although only 16 MiB are allowed.
fn run_with_large_file(path: &str, more: &str) {
    let mut profile = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    let content = "x".repeat(17 << 20);
    write!(profile, "extends = \"reference\"\ndisk = \"16MiB\"\nfiles.\"{path}\" = \"{content}\"\n{more}\n")
        .unwrap();
    let profile = profile.path().to_str().unwrap();
    let waiting = ["--profile", profile, "--fault", "boot.never-ready", "--timeout", "100s"];
    let (run, ended) = Run::to_the_end(crate::support::REFERENCE, &waiting);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let diagnosis = &run.summary()["diagnosis"];
    assert_eq!(diagnosis["code"], "boot.disk-exceeded", "{diagnosis}");
    let sentence = diagnosis["sentence"].as_str().unwrap();
    assert!(sentence.contains("it wrote 17.") && sentence.contains("16.0 MiB are allowed"), "{sentence}");
    assert_eq!(leftovers(&run.id), [""; 0]);
}

#[test]
fn container_that_writes_too_much_is_stopped() {
    let Some(_engine) = share_engine() else { return };
    run_with_large_file("/var/large", "");
}

#[test]
fn volumes_count_as_disk() {
    let Some(_engine) = share_engine() else { return };
    run_with_large_file("/kept/large", "session.volumes = [\"/kept\"]");
}

#[test]
fn entry_point_may_change_owner_and_user() {
    let Some(_engine) = share_engine() else { return };
    let image = "coalmine/test-changes-user:dev";
    let entry = "mkdir /own && chown -R 1000:1000 /own && exec setpriv --reuid 1000 --regid 1000 --clear-groups \
                 coalmine serve runtime --listen 0.0.0.0:8000";
    if !build_with_shell(image, entry) {
        return;
    }
    let (run, ended) = Run::to_the_end(image, &["--profile", "reference"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(run.summary()["verdict"], "pass");
}

#[test]
fn output_of_an_image_is_followed_across_rotation() {
    let Some(_engine) = share_engine() else { return };
    let image = "coalmine/test-prints-much:dev";
    let entry = "head -c 60000000 /dev/zero | tr '\\0' x | fold -w 200; echo; echo the last line; exit 3";
    if !build_with_shell(image, entry) {
        return;
    }
    let (run, ended) = Run::to_the_end(image, &["--timeout", "60s"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let diagnosis = &run.summary()["diagnosis"];
    assert!(diagnosis["sentence"].as_str().unwrap().contains("exit code 3"), "{diagnosis}");
    assert!(diagnosis["evidence"].to_string().contains("the last line"), "{diagnosis}");
}
