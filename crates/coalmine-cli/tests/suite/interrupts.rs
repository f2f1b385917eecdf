//! Ctrl-C at any moment: exit code 130, a summary that says so, and nothing left running.

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::support::{CLASSICAL, COALMINE, Done, Live, Mourner, Place, Silence, processes_of, until};

/// What must hold after every interrupt.
fn check(place: &Place, run: &str, done: &Done) -> Value {
    done.code(130);
    assert_eq!(processes_of(run), []);
    assert!(!place.owns(run), "the ledger still knows {run}");
    let summary = place.summary();
    assert_eq!((&summary["run"]["interrupted"], &summary["run"]["complete"]), (&true.into(), &true.into()));
    assert_ne!(summary["verdict"], "pass");
    summary
}

fn start(place: &Place, run: &str, more: &[&str]) -> Live {
    place.start(&[&["run", "--out", "out", "--canary", CLASSICAL, "--run-id", run], more].concat())
}

#[tokio::test]
async fn while_a_turn_hangs_in_an_embedded_runtime() {
    let (place, model, _after) = (Place::new(), Silence::new().await, Mourner("int-embedded"));
    let live = start(&place, "int-embedded", &["--env", &model.variable]);
    let _turn = model.call().await;
    assert_eq!(processes_of("int-embedded").len(), 1);
    assert!(place.owns("int-embedded"));
    live.signal(Signal::SIGINT);
    let summary = check(&place, "int-embedded", &live.done().await);
    // what was judged before stays judged, the rest is listed
    assert_eq!(summary["canaries"][0]["verdict"], "pass");
    assert_eq!(summary["canaries"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn while_a_turn_hangs_in_a_command_with_children_of_its_own() {
    let (place, model, _after) = (Place::new(), Silence::new().await, Mourner("int-command"));
    let command =
        format!("tail -f /dev/null & {COALMINE} serve runtime --listen 127.0.0.1:{{port}}; echo over");
    let live = start(&place, "int-command", &["--cmd", &command, "--env", &model.variable]);
    let _turn = model.call().await;
    assert_eq!(processes_of("int-command").len(), 3, "{:?}", processes_of("int-command"));
    live.signal(Signal::SIGINT);
    check(&place, "int-command", &live.done().await);
}

#[tokio::test]
async fn while_a_command_that_ignores_the_wish_to_end_does_not_get_ready() {
    let (place, _after) = (Place::new(), Mourner("int-deaf"));
    let command = "trap '' TERM INT HUP; tail -f /dev/null & while :; do wait; done";
    let live = start(&place, "int-deaf", &["--cmd", command]);
    until("the command and its child", || {
        let found = processes_of("int-deaf");
        if found.len() == 2 { Ok(()) } else { Err(format!("{found:?}")) }
    })
    .await;
    live.signal(Signal::SIGINT);
    check(&place, "int-deaf", &live.done().await);
}

#[tokio::test]
async fn the_wish_to_end_and_a_closed_terminal_end_a_run_as_well() {
    for (run, signal) in [("int-term", Signal::SIGTERM), ("int-hup", Signal::SIGHUP)] {
        let (place, model, _after) = (Place::new(), Silence::new().await, Mourner(run));
        let live = start(&place, run, &["--env", &model.variable]);
        let _turn = model.call().await;
        live.signal(signal);
        check(&place, run, &live.done().await);
    }
}

#[tokio::test]
async fn a_second_interrupt_while_the_first_is_obeyed_leaves_nothing_either() {
    let (place, model, _after) = (Place::new(), Silence::new().await, Mourner("int-twice"));
    let command =
        format!("trap '' TERM; {COALMINE} serve runtime --listen 127.0.0.1:{{port}}; tail -f /dev/null");
    let live = start(&place, "int-twice", &["--cmd", &command, "--env", &model.variable]);
    let _turn = model.call().await;
    live.signal(Signal::SIGINT);
    live.signal(Signal::SIGINT);
    check(&place, "int-twice", &live.done().await);
}
