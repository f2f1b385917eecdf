//! Models that give no answer.

use futures_util::StreamExt as _;

use crate::support::{ModelServer, Reply, Runtime, last_text, prompt_text, text, v0_3};

async fn scripted_model() -> ModelServer {
    ModelServer::new(|prompt| match last_text(prompt).as_str() {
        "refuse" => Reply::Refuse(500),
        "too many" => Reply::Refuse(429),
        "cut" => Reply::Cut("half an ans"),
        "end" => Reply::End("half an ans"),
        _ => Reply::Text(prompt_text(prompt)),
    })
    .await
}

#[tokio::test]
async fn failed_turn_says_why_and_leaves_the_session_usable() {
    let runtime = Runtime::start(&scripted_model().await).await;
    runtime.say("c", "said before").await;
    for (words, why) in [
        ("refuse", "the model answered 500"),
        ("too many", "the model answered 429"),
        ("cut", "the model's answer"),
    ] {
        let task = runtime.say("c", words).await;
        assert_eq!(task["status"]["state"], "failed");
        assert_eq!(task["status"]["message"]["role"], "agent");
        let reason = task["status"]["message"]["parts"][0]["text"].as_str().unwrap();
        assert!(reason.contains(why), "{reason}");
    }
    let prompt = runtime.ask("c", "and now?").await;
    assert!(
        prompt.contains("said before")
            && prompt.contains("refuse\n(This message was not answered.)\ntoo many")
    );
    let turns = runtime.sessions().await[0]["turns"].clone();
    assert!((1..=3).all(|failed| turns[failed]["agent"].is_null()), "{turns}");
}

#[tokio::test]
async fn cut_off_stream_fails_the_task() {
    let runtime = Runtime::start(&scripted_model().await).await;
    for words in ["cut", "end"] {
        let events: Vec<_> = runtime.events(v0_3("message/stream", "c", text(words))).await.collect().await;
        assert!(events.iter().any(|event| event["artifact"]["parts"][0]["text"] == "half an ans"), "{words}");
        let last = events.last().unwrap();
        assert_eq!((last["status"]["state"].as_str(), last["final"].as_bool()), (Some("failed"), Some(true)));
        assert_eq!(last["status"]["message"]["parts"][0]["text"], "the model's answer was cut off");
    }
}

#[tokio::test]
async fn turn_without_a_model_names_the_missing_variable() {
    let model = scripted_model().await;
    let mut config = coalmine_runtime::Config::from_env(|_| None).unwrap();
    let state = tempfile::tempdir().unwrap();
    config.state_dir = camino::Utf8PathBuf::from_path_buf(state.path().to_owned()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut runtime = Runtime::start(&model).await;
    runtime.url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(coalmine_runtime::serve(listener, config, tokio_util::sync::CancellationToken::new()));
    let task = runtime.say("c", "hello").await;
    let reason = task["status"]["message"]["parts"][0]["text"].as_str().unwrap();
    assert!(reason.contains("`OPENAI_BASE_URL` is not set"), "{reason}");
}
