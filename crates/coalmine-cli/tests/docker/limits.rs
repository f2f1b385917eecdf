//! What a container may use and do.

use crate::support::{Run, build_with_shell, share_engine};

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
