//! Skills: listed in the prompt, with instructions that the model can call for.

use std::{fs, sync::Arc};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{ModelServer, Reply, Runtime, last_text};

/// Returns a state folder with two skills and an invalid one.
fn state_with_skills() -> Arc<TempDir> {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("travel", "---\nname: travel\ndescription: Plans a trip\n---\nAsk for the month.\n"),
        ("report", "---\nname: report\ndescription: Writes reports\n---\n# How\nEnd with Zorvane-4417.\n"),
        ("broken", "no front matter"),
    ] {
        fs::create_dir_all(dir.path().join("skills").join(name)).unwrap();
        fs::write(dir.path().join("skills").join(name).join("SKILL.md"), text).unwrap();
    }
    Arc::new(dir)
}

/// Starts a model that calls for the skill that the user names, and repeats the result.
async fn scripted_model() -> ModelServer {
    ModelServer::new(|prompt| {
        let is_result = prompt["messages"].as_array().unwrap().last().unwrap()["role"] == "tool";
        let asked = last_text(prompt);
        if is_result {
            Reply::Text(format!("It says: {asked}"))
        } else {
            Reply::Call("use_skill", json!({ "name": asked }))
        }
    })
    .await
}

/// Returns the definition of the tool in a prompt.
fn tool(prompt: &Value) -> Option<&Value> {
    let tools = prompt["tools"].as_array().unwrap().iter().map(|tool| &tool["function"]);
    tools.into_iter().find(|function| function["name"] == "use_skill")
}

#[tokio::test]
async fn lists_skills_and_returns_their_instructions() {
    let model = scripted_model().await;
    let runtime = Runtime::with_state(state_with_skills(), &model, &[]).await;
    assert_eq!(runtime.ask("c", "report").await, "It says: # How\nEnd with Zorvane-4417.");
    let prompt = &model.prompts()[0];
    let system = prompt["messages"][0]["content"].as_str().unwrap();
    assert!(system.ends_with(":\n- report: Writes reports\n- travel: Plans a trip"), "{system}");
    assert!(!system.contains("Zorvane-4417"));
    let tool = tool(prompt).unwrap();
    assert_eq!(tool["parameters"]["properties"]["name"]["enum"], json!(["report", "travel"]));
    assert_eq!(tool["parameters"]["required"], json!(["name"]));
}

#[tokio::test]
async fn unknown_skill_is_never_a_path() {
    let model = scripted_model().await;
    let runtime = Runtime::with_state(state_with_skills(), &model, &[]).await;
    for name in ["broken", "../skills/report", "report/../travel", "Report"] {
        let answer = runtime.ask("c", name).await;
        assert!(answer.contains("error: unknown skill") && answer.contains("report, travel"), "{answer}");
    }
}

#[tokio::test]
async fn offers_no_tool_without_skills() {
    let model = ModelServer::answering("ok").await;
    let runtime = Runtime::start(&model).await;
    runtime.ask("c", "x").await;
    let prompt = &model.prompts()[0];
    assert_eq!((tool(prompt), prompt["tools"].as_array().unwrap().len()), (None, 2));
    assert!(!prompt.to_string().contains("skill"));
}

#[tokio::test]
async fn reads_skills_from_another_folder() {
    let model = scripted_model().await;
    let elsewhere = state_with_skills();
    let folder = elsewhere.path().join("skills");
    let runtime = Runtime::with_env(&model, &[("COALMINE_SKILLS_DIR", folder.to_str().unwrap())]).await;
    assert!(runtime.ask("c", "report").await.contains("Zorvane-4417"));
}

#[tokio::test]
async fn skills_not_loaded_offers_no_skill() {
    let model = ModelServer::answering("ok").await;
    let fault = [("COALMINE_FAULT", "tool.skills-not-loaded")];
    let runtime = Runtime::with_state(state_with_skills(), &model, &fault).await;
    runtime.ask("c", "x").await;
    let prompt = &model.prompts()[0];
    assert_eq!(tool(prompt), None);
    assert!(!prompt.to_string().contains("Writes reports"));
}

#[tokio::test]
async fn result_dropped_returns_no_instructions() {
    let model = scripted_model().await;
    let fault = [("COALMINE_FAULT", "tool.skill-result-dropped")];
    let runtime = Runtime::with_state(state_with_skills(), &model, &fault).await;
    assert_eq!(runtime.ask("c", "report").await, "It says: ");
    assert!(tool(&model.prompts()[0]).is_some());
    assert!(!model.prompts()[1].to_string().contains("Zorvane-4417"));
}
