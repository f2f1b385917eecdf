//! The layer `wire`.

use crate::support::reply_text;

use super::{UNKNOWN, name_recall};

#[tokio::test]
async fn context_replaced_opens_a_new_context_each_time() {
    let (runtime, _world, task) = name_recall("wire.context-replaced").await;
    assert_ne!(task["contextId"], "a");
    assert_eq!(reply_text(&task), UNKNOWN);
    let keys: Vec<_> = runtime.sessions().await.iter().map(|session| session["key"].clone()).collect();
    assert!(keys.len() == 2 && keys.contains(&task["contextId"]), "{keys:?}");
}
