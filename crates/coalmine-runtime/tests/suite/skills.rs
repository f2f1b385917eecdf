//! Skills: listed for the model, and their instructions handed out when it calls for them.

use std::{fs, sync::Arc};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Reply, Runtime, World, asked};

/// A state folder with two skills, and one that is none.
fn skilled() -> Arc<TempDir> {
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

/// A model that calls for the skill it is asked about, and tells what it got.
async fn world() -> World {
    World::new(|prompt| {
        let is_result = prompt["messages"].as_array().unwrap().last().unwrap()["role"] == "tool";
        let asked = asked(prompt);
        if is_result {
            Reply::Text(format!("It says: {asked}"))
        } else {
            Reply::Call("use_skill", json!({ "name": asked }))
        }
    })
    .await
}

/// The tool as it is offered in a prompt.
fn offer(prompt: &Value) -> Option<&Value> {
    let tools = prompt["tools"].as_array().unwrap().iter().map(|tool| &tool["function"]);
    tools.into_iter().find(|function| function["name"] == "use_skill")
}

#[tokio::test]
async fn the_model_sees_what_skills_there_are_and_gets_the_instructions_it_calls_for() {
    let world = world().await;
    let runtime = Runtime::on(skilled(), &world, &[]).await;
    assert_eq!(runtime.ask("c", "report").await, "It says: # How\nEnd with Zorvane-4417.");
    let prompt = &world.prompts()[0];
    let system = prompt["messages"][0]["content"].as_str().unwrap();
    assert!(system.ends_with(":\n- report: Writes reports\n- travel: Plans a trip"), "{system}");
    assert!(!system.contains("Zorvane-4417"));
    let offer = offer(prompt).unwrap();
    assert_eq!(offer["parameters"]["properties"]["name"]["enum"], json!(["report", "travel"]));
    assert_eq!(offer["parameters"]["required"], json!(["name"]));
}

#[tokio::test]
async fn a_skill_that_is_not_there_is_no_path_to_anything() {
    let world = world().await;
    let runtime = Runtime::on(skilled(), &world, &[]).await;
    for name in ["broken", "../skills/report", "report/../travel", "Report"] {
        let told = runtime.ask("c", name).await;
        assert!(told.contains("error: there is no skill") && told.contains("report, travel"), "{told}");
    }
}

#[tokio::test]
async fn without_skills_there_is_no_tool() {
    let world = World::saying("ok").await;
    let runtime = Runtime::start(&world).await;
    runtime.ask("c", "x").await;
    let prompt = &world.prompts()[0];
    assert_eq!((offer(prompt), prompt["tools"].as_array().unwrap().len()), (None, 2));
    assert!(!prompt.to_string().contains("skill"));
}

#[tokio::test]
async fn skills_can_be_somewhere_else() {
    let world = world().await;
    let elsewhere = skilled();
    let folder = elsewhere.path().join("skills");
    let runtime = Runtime::with(&world, &[("COALMINE_SKILLS_DIR", folder.to_str().unwrap())]).await;
    assert!(runtime.ask("c", "report").await.contains("Zorvane-4417"));
}

#[tokio::test]
async fn not_loaded_offers_no_skill() {
    let world = World::saying("ok").await;
    let fault = [("COALMINE_FAULT", "tool.skills-not-loaded")];
    let runtime = Runtime::on(skilled(), &world, &fault).await;
    runtime.ask("c", "x").await;
    let prompt = &world.prompts()[0];
    assert_eq!(offer(prompt), None);
    assert!(!prompt.to_string().contains("Writes reports"));
}

#[tokio::test]
async fn result_dropped_calls_and_gets_nothing() {
    let world = world().await;
    let fault = [("COALMINE_FAULT", "tool.skill-result-dropped")];
    let runtime = Runtime::on(skilled(), &world, &fault).await;
    assert_eq!(runtime.ask("c", "report").await, "It says: ");
    assert!(offer(&world.prompts()[0]).is_some());
    assert!(!world.prompts()[1].to_string().contains("Zorvane-4417"));
}
