//! What there is to run, to read and to break.

use coalmine_runtime::fault::CATALOGUE;
use serde_json::Value;

use crate::support::{Place, assert_shown};

#[tokio::test]
async fn the_canaries_are_listed_in_the_order_in_which_they_run() {
    let place = Place::new();
    let done = place.coalmine(&["list", "canaries"]).await;
    assert_shown!(done.transcript(), @r"
    exit 0
    --- stdout
    -  agent-card          The agent card is served and names a JSON-RPC interface
    1  name-recall         A name told in turn 1 is known in turn 2
    2  file-only           A file without a caption is not dropped
    3  file-caption        A file and its caption are both answered
    4  memory-recall       A fact committed to memory is known in another context
    -  same-context-twice  Two turns of one context land in one session
    -  memory-root         The memory root exists and can be written to
    -  three-sessions      Facts told in three sessions are all known in a fourth
    -  long-history        What was said first is known after twenty more turns
    -  corrected-fact      Of a fact that was corrected, the last word counts
    -  interleaved         Two conversations that take turns do not mix
    -  parallel-turns      Two messages at once in one conversation are both answered and both kept
    -  isolation           Many conversations at once keep their secrets
    -  non-ascii           Names in other scripts survive, and control characters break nothing
    -  file-next-turn      What was in a file is known in the next turn
    -  two-files           Of two files in one message both are read
    -  binary-file         A picture and a PDF are read
    -  empty-file          A file with nothing in it does not take the words along
    -  file-by-uri         A file that comes as a link is fetched, and known in the next turn
    -  hostile-file-name   The name of a file leads nowhere
    -  context-rules       The specification's rules for contextId and taskId are kept
    -  task-followup       A message that follows up on a task goes on in its conversation
    -  stream-parity       Streamed and sent turns share the session and say the same
    -  dialect-parity      Both dialects share the session
    -  cancel              A task that is canceled stops, and stays stopped
    -  resubscribe         A client that comes back to a running task gets its answer
    -  stream-hangup       A client that hangs up in the middle of a stream disturbs nobody
    -  duplicate-delivery  A message that is delivered twice is executed once
    -  skill-call          A skill that the runtime was given is used
    -  peer-call           Another agent is asked the right thing, and nothing private goes along
    -  provider-failure    When the model fails the runtime says so, and the next turn still knows
    -  slow-model          A model that takes its time is waited for
    -  key-derivation      Sessions hang on the key that the profile promises
    -  restart-recall      What was said before a restart is known after it
    -  restart-memory      What was committed to memory before a restart is known after it
    -  kill-recall         A kill in the middle of a turn loses nothing of what was said before
    -  recreate-recall     What was said before the container was made anew is known after it
    -  large-file          A file of 5 MB is read to its end
    ");
    let json = place.coalmine(&["list", "canaries", "--json"]).await.code(0).stdout.clone();
    let listed: Vec<Value> = serde_json::from_str(&json).unwrap();
    // nobody answers there: every canary of the plan ends all the same
    place.run(&["--fault", "boot.never-ready", "--timeout", "300ms"]).await.code(2);
    let summary = place.summary();
    let ran: Vec<&Value> = summary["canaries"].as_array().unwrap().iter().map(|c| &c["id"]).collect();
    assert_eq!(listed.iter().map(|canary| &canary["id"]).collect::<Vec<_>>(), ran);
}

#[tokio::test]
async fn the_faults_are_listed_with_what_they_turn_red() {
    let place = Place::new();
    let done = place.coalmine(&["list", "faults"]).await;
    assert_shown!(done.transcript(), @r"
    exit 0
    --- stdout
    boot.never-ready             boot.not-ready               *                                                    It listens and answers 503 to everything, for ever
    boot.crash-on-message        boot.crashed                 *                                                    The first message ends the process
    wire.context-replaced        wire.context-replaced        name-recall, same-context-twice                      The client's contextId is ignored; each message opens a new context
    wire.context-not-generated   wire.context-missing         context-rules                                        A message without a contextId gets an answer without one
    wire.mismatch-accepted       wire.mismatch-accepted       context-rules                                        A taskId together with another context's contextId is accepted
    wire.finished-task-accepted  wire.finished-task-accepted  context-rules                                        A message to a finished task is accepted and runs in it again
    wire.duplicate-executed      wire.duplicate-executed      duplicate-delivery                                   A message that comes a second time is executed a second time
    wire.cancel-ignored          wire.cancel-ignored          cancel                                               Cancelling is answered with `canceled`, but the turn goes on and completes
    wire.resubscribe-silent      wire.resubscribe-failed      resubscribe                                          A resubscription to a running task ends without any event
    session.keyed-by-message     session.split                key-derivation, name-recall, same-context-twice      Every message has a session of its own
    session.keyed-by-task        session.split                name-recall, same-context-twice                      Sessions are kept by task, so each turn begins an empty one
    session.global               session.shared               name-recall                                          All contexts share one session
    session.followup-apart       session.split                task-followup                                        A message that goes on from a task, by naming or mentioning it, runs in an empty session
    session.stream-apart         session.split                stream-parity                                        Streamed turns have a session of their own, apart from the sent ones of their context
    session.dialect-apart        session.split                dialect-parity                                       The two dialects have sessions of their own
    session.file-name-trusted    session.file-escaped         hostile-file-name                                    Files are also written under the names they came with, which may lead out of their folder
    prompt.history-dropped       prompt.history-missing       name-recall                                          The session is kept but earlier turns never reach the prompt
    prompt.window-of-ten         prompt.history-missing       long-history                                         Only the newest ten messages of the session reach the prompt
    prompt.history-reversed      prompt.outdated              corrected-fact                                       Earlier turns reach the prompt newest first
    prompt.non-ascii-mangled     prompt.mangled               non-ascii                                            The user's words are read as Latin-1, so that all but ASCII is mangled
    prompt.impatient             prompt.model-timeout         slow-model                                           A model that says nothing for 150 ms is given up and the turn fails
    prompt.files-forgotten       prompt.history-missing       file-next-turn                                       The files of earlier turns are left out of the history
    prompt.file-dropped          prompt.file-missing          file-caption                                         A file that comes with a text is left out of the prompt
    prompt.first-file-only       prompt.file-missing          two-files                                            Of several files of a message only the first reaches the prompt
    prompt.binary-dropped        prompt.file-missing          binary-file                                          Files that are not text are left out of the prompt
    prompt.large-file-cut        prompt.file-missing          large-file                                           Files are cut after one megabyte
    prompt.file-only-refused     prompt.empty-prompt          file-only                                            A file without a text is taken for an empty prompt
    prompt.empty-file-refused    prompt.empty-prompt          empty-file                                           A message with an empty file is taken for an empty prompt, whatever text comes along
    prompt.link-not-fetched      prompt.file-missing          file-by-uri, file-only, file-caption                 A file given by link is named in the prompt and its content is not fetched
    tool.memory-not-written      tool.memory-not-written      memory-recall                                        The memory tool says it has written and has not
    tool.skills-not-loaded       tool.not-offered             skill-call                                           The skills folder is not read: the model is offered no skill
    tool.skill-result-dropped    tool.result-missing          skill-call                                           A skill's instructions never come back to the model
    tool.memory-last-only        tool.memory-lost             three-sessions                                       Each commit to the memory replaces all earlier ones
    tool.memory-in-process       tool.memory-lost             restart-memory                                       Memories live in the process only and are gone after a restart
    tool.peer-history-leaked     tool.peer-history-leaked     peer-call                                            A peer is sent the whole conversation along with the question
    tool.peer-context-shared     tool.peer-context-shared     peer-call                                            A peer is asked under the user's own contextId
    tool.peer-answer-dropped     tool.result-missing          peer-call                                            A peer is asked and its answer never comes back to the model
    reply.dropped                reply.empty                  name-recall, file-only, file-caption, memory-recall  The task completes without the model's answer
    reply.constant               reply.answer-lost            name-recall, file-only, file-caption, memory-recall  Every answer delivered is the same sentence
    reply.echo-everything        reply.echo                   name-recall, file-only, file-caption, memory-recall  Every text ever seen in any session is delivered with the answer
    reply.stream-truncated       reply.answer-lost            stream-parity                                        A streamed answer lacks its last piece; the stored answer is whole
    reply.failure-hidden         reply.failure-hidden         provider-failure                                     When the model fails the task completes as if all were well
    ");
    let json = place.coalmine(&["list", "faults", "--json"]).await.code(0).stdout.clone();
    let listed: Vec<Value> = serde_json::from_str(&json).unwrap();
    let ids: Vec<_> = listed.iter().map(|fault| fault["id"].as_str().unwrap()).collect();
    assert_eq!(ids, CATALOGUE.iter().map(|info| info.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn every_profile_listed_can_be_checked_and_named() {
    let place = Place::new();
    let json = place.coalmine(&["list", "profiles", "--json"]).await.code(0).stdout.clone();
    let listed: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert!(listed.iter().any(|profile| profile["name"] == "reference"), "{json}");
    for profile in listed {
        let file = format!(
            "{}/../../profiles/{}.toml",
            env!("CARGO_MANIFEST_DIR"),
            profile["name"].as_str().unwrap()
        );
        let done = place.coalmine(&["check", &file]).await;
        done.code(0);
        assert!(done.stdout.contains("profile `"), "{}", done.stdout);
    }
}

#[tokio::test]
async fn every_code_of_the_catalogue_has_a_page() {
    let place = Place::new();
    let all = place.coalmine(&["explain"]).await.code(0).stdout.clone();
    for info in CATALOGUE {
        let page = place.coalmine(&["explain", info.code]).await.code(0).stdout.clone();
        assert!(page.contains(info.code) && page.lines().count() > 5, "{page}");
        assert!(all.lines().any(|line| line.split_whitespace().next() == Some(info.code)), "{all}");
    }
}
