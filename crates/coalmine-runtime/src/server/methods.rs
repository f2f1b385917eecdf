//! What each method does. Dialects matter only for how the result is written.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    agent::Agent,
    fault::Fault,
    task::{Cell, Follower, Refused, State, Status, Task},
    wire::{Dialect, ErrorKind, ListRequest, Method, Outbound, RpcError, SendRequest, TaskRequest},
};

/// How a method answers.
pub(super) enum Answer {
    Whole(Value),
    /// The events of a task, and how much history the client wants with it.
    Stream(Box<Follower>, Option<usize>),
    /// A stream that ends as soon as it has begun: only a fault gives it.
    Silence,
}

pub(super) async fn call(
    agent: &Arc<Agent>,
    dialect: Dialect,
    method: Method,
    params: Value,
) -> Result<Answer, RpcError> {
    match method {
        Method::Send => send(agent, dialect, params).await,
        Method::Stream => {
            let request = SendRequest::parse(dialect, params)?;
            Ok(Answer::Stream(Box::new(agent.submit(request.incoming, true)?), request.history_length))
        }
        Method::Get => {
            let request = TaskRequest::parse(params)?;
            let task = find(agent, &request.id)?.task();
            Ok(Answer::Whole(Outbound { dialect, history_length: request.history_length }.task(&task)))
        }
        Method::List => list(agent, dialect, params),
        Method::Cancel => cancel(agent, dialect, params),
        Method::Subscribe => subscribe(agent, params),
        Method::PushNotifications => Err(RpcError::new(
            ErrorKind::PushNotificationNotSupported,
            "push notifications are not supported",
        )),
        Method::ExtendedCard => {
            Err(RpcError::new(ErrorKind::ExtendedCardNotConfigured, "there is no extended card"))
        }
    }
}

async fn send(agent: &Arc<Agent>, dialect: Dialect, params: Value) -> Result<Answer, RpcError> {
    let request = SendRequest::parse(dialect, params)?;
    let mut follower = agent.submit(request.incoming, false)?;
    let task = if request.blocking { follower.finished().await } else { follower.now() };
    Ok(Answer::Whole(Outbound { dialect, history_length: request.history_length }.sent(&task)))
}

fn list(agent: &Agent, dialect: Dialect, params: Value) -> Result<Answer, RpcError> {
    let request = ListRequest::parse(params)?;
    let (start, size) = request.page()?;
    let mut tasks = agent.tasks.list();
    tasks.retain(|task| {
        request.context_id.as_ref().is_none_or(|id| id.is_empty() || *id == task.context_id)
            && request.status.as_ref().is_none_or(|state| *state == dialect.state(task.status.state))
    });
    let total = tasks.len();
    let out = Outbound { dialect, history_length: request.history_length };
    let page = tasks.into_iter().skip(start).take(size).map(|mut task| {
        if !request.include_artifacts {
            task.artifacts.clear();
        }
        out.task(&task)
    });
    let page: Vec<_> = page.collect();
    let end = start + page.len();
    let next = if end < total { end.to_string() } else { String::new() };
    Ok(Answer::Whole(json!({ "tasks": page, "nextPageToken": next, "pageSize": size, "totalSize": total })))
}

fn cancel(agent: &Agent, dialect: Dialect, params: Value) -> Result<Answer, RpcError> {
    let request = TaskRequest::parse(params)?;
    let cell = find(agent, &request.id)?;
    let out = Outbound { dialect, history_length: request.history_length };
    if agent.faults.is(Fault::WireCancelIgnored) && !cell.is_over() {
        let said = Task { status: Status::now(State::Canceled), ..cell.task() };
        return Ok(Answer::Whole(out.task(&said)));
    }
    if !cell.cancel() {
        return Err(RpcError::new(ErrorKind::TaskNotCancelable, "the task is over and cannot be canceled"));
    }
    Ok(Answer::Whole(out.task(&cell.task())))
}

fn subscribe(agent: &Agent, params: Value) -> Result<Answer, RpcError> {
    let request = TaskRequest::parse(params)?;
    let follower = find(agent, &request.id)?.follow();
    // Asked of the follower, not of the task: what it saw is what it will tell.
    if follower.first().status.state.is_terminal() {
        return Err(Refused::Over(request.id).into());
    }
    if agent.faults.is(Fault::WireResubscribeSilent) {
        return Ok(Answer::Silence);
    }
    Ok(Answer::Stream(Box::new(follower), request.history_length))
}

fn find(agent: &Agent, id: &str) -> Result<Arc<Cell>, RpcError> {
    agent.tasks.get(id).ok_or_else(|| Refused::UnknownTask(id.to_owned()).into())
}
