//! The methods. They know no dialect, except to write their results.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    agent::Agent,
    fault::Fault,
    task::{AdmitError, Content, Follower, LiveTask, State, Status, Task},
    wire::{Dialect, ErrorKind, ListRequest, Method, Outbound, RpcError, SendRequest, TaskRequest},
};

/// The result of a method.
pub(super) enum Output {
    Value(Value),
    /// The events of a task, and how much of its history the client wants.
    Stream(Box<Follower>, Option<usize>),
    /// A stream that ends as soon as it begins. Only a fault causes it.
    EmptyStream,
}

pub(super) async fn call(
    agent: &Arc<Agent>,
    dialect: Dialect,
    method: Method,
    params: Value,
) -> Result<Output, RpcError> {
    match method {
        Method::Send => send(agent, dialect, params).await,
        Method::Stream => stream(agent, dialect, params),
        Method::Get => get(agent, dialect, params),
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

fn parse(agent: &Agent, dialect: Dialect, params: Value) -> Result<SendRequest, RpcError> {
    let request = SendRequest::parse(dialect, params)?;
    if dialect == Dialect::V1_0
        && agent.faults.is(Fault::WireNewFilesRefused)
        && request.incoming.parts.iter().any(|part| matches!(part.content, Content::File(_)))
    {
        return Err(RpcError::new(ErrorKind::ContentTypeNotSupported, "file parts are not supported"));
    }
    Ok(request)
}

async fn send(agent: &Arc<Agent>, dialect: Dialect, params: Value) -> Result<Output, RpcError> {
    let request = parse(agent, dialect, params)?;
    let mut follower = agent.submit(request.incoming, false)?;
    let task = if request.blocking { follower.wait_until_over().await } else { follower.current() };
    Ok(Output::Value(Outbound { dialect, history_length: request.history_length }.sent(&task)))
}

fn stream(agent: &Arc<Agent>, dialect: Dialect, params: Value) -> Result<Output, RpcError> {
    let request = parse(agent, dialect, params)?;
    Ok(Output::Stream(Box::new(agent.submit(request.incoming, true)?), request.history_length))
}

fn get(agent: &Agent, dialect: Dialect, params: Value) -> Result<Output, RpcError> {
    let request = TaskRequest::parse(params)?;
    let task = find(agent, &request.id)?.snapshot();
    Ok(Output::Value(Outbound { dialect, history_length: request.history_length }.task(&task)))
}

fn list(agent: &Agent, dialect: Dialect, params: Value) -> Result<Output, RpcError> {
    let request = ListRequest::parse(params)?;
    let page = request.page()?;
    let mut tasks = agent.tasks.list();
    tasks.retain(|task| {
        request.context_id.as_ref().is_none_or(|id| id.is_empty() || *id == task.context_id)
            && request.status.as_ref().is_none_or(|state| *state == dialect.state(task.status.state))
    });
    let total = tasks.len();
    let out = Outbound { dialect, history_length: request.history_length };
    let mut shown = Vec::new();
    for mut task in tasks.into_iter().skip(page.start).take(page.size) {
        if !request.include_artifacts {
            task.artifacts.clear();
        }
        shown.push(out.task(&task));
    }
    let end = page.start + shown.len();
    let next = if end < total { end.to_string() } else { String::new() };
    Ok(Output::Value(
        json!({ "tasks": shown, "nextPageToken": next, "pageSize": page.size, "totalSize": total }),
    ))
}

fn cancel(agent: &Agent, dialect: Dialect, params: Value) -> Result<Output, RpcError> {
    let request = TaskRequest::parse(params)?;
    let task = find(agent, &request.id)?;
    let out = Outbound { dialect, history_length: request.history_length };
    if agent.faults.is(Fault::WireCancelIgnored) && !task.is_over() {
        let claimed = Task { status: Status::now(State::Canceled), ..task.snapshot() };
        return Ok(Output::Value(out.task(&claimed)));
    }
    if !task.cancel() {
        return Err(RpcError::new(ErrorKind::TaskNotCancelable, "the task is over and cannot be canceled"));
    }
    Ok(Output::Value(out.task(&task.snapshot())))
}

fn subscribe(agent: &Agent, params: Value) -> Result<Output, RpcError> {
    let request = TaskRequest::parse(params)?;
    let follower = find(agent, &request.id)?.follow();
    // The follower decides, not the task, which may end in between.
    if follower.initial().status.state.is_terminal() {
        return Err(AdmitError::TaskOver(request.id).into());
    }
    if agent.faults.is(Fault::WireResubscribeSilent) {
        return Ok(Output::EmptyStream);
    }
    Ok(Output::Stream(Box::new(follower), request.history_length))
}

fn find(agent: &Agent, id: &str) -> Result<Arc<LiveTask>, RpcError> {
    agent.tasks.get(id).ok_or_else(|| AdmitError::UnknownTask(id.to_owned()).into())
}
