//! What a container may use and do.

use crate::support::{Run, build_with_shell, leftovers, share_engine};

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
fn container_that_fills_its_disk_is_stopped() {
    let Some(_engine) = share_engine() else { return };
    check_that_writing_ends(
        "coalmine/test-fills-disk:dev",
        "head -c 41943040 /dev/zero >/filled; exec sleep 600",
    );
}

#[test]
fn container_that_fills_a_volume_is_stopped() {
    let Some(_engine) = share_engine() else { return };
    let script = "head -c 41943040 /dev/zero >\"$COALMINE_STATE_DIR/filled\"; exec sleep 600";
    check_that_writing_ends("coalmine/test-fills-volume:dev", script);
}

#[test]
fn container_that_prints_too_much_is_stopped() {
    let Some(_engine) = share_engine() else { return };
    let script = "head -c 20971520 /dev/zero | tr '\\0' x | fold -w 1000; exec sleep 600";
    check_that_writing_ends("coalmine/test-prints-much:dev", script);
}

/// Asserts that an image which writes more than the 16 MiB that are allowed is stopped before it is ready.
fn check_that_writing_ends(image: &str, script: &str) {
    if !build_with_shell(image, script) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("small.toml");
    std::fs::write(&profile, "extends = \"reference\"\ndisk = \"16MiB\"\n").unwrap();
    let (run, ended) = Run::to_the_end(image, &["--timeout", "90s", "--profile", profile.to_str().unwrap()]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let diagnosis = &run.summary()["diagnosis"];
    assert_eq!(diagnosis["code"], "boot.disk-exceeded", "{diagnosis}");
    assert!(diagnosis["sentence"].as_str().unwrap().contains("and 16.0 MiB are allowed"), "{diagnosis}");
    assert_eq!(leftovers(&run.id), [""; 0]);
}
