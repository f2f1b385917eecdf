//! What a running container says and how it ends.

use std::{
    pin::pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use bollard::{
    Docker as Engine,
    errors::Error,
    exec::StartExecResults,
    models::ExecConfig,
    query_parameters::{
        InspectContainerOptions, KillContainerOptions, LogsOptionsBuilder, WaitContainerOptionsBuilder,
    },
};
use futures_util::StreamExt;
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use super::usage;
use crate::{
    deploy::{Exit, LogTail, MAX_STORE_BYTES, Unreadable, too_long},
    plan::DiskSize,
};

/// How long after the container's end its last output may still come.
const LAST_OUTPUT_WITHIN: Duration = Duration::from_secs(5);
/// What the engine's log adds to each line, in bytes: the stream, the time, and the JSON around them.
const LOG_ENTRY: u64 = 70;

/// Follows the container's output and watches its disk, and reports its end once its last output has been read.
pub(super) fn spawn(
    engine: Engine,
    container: String,
    log: LogTail,
    exit: watch::Sender<Option<Exit>>,
    disk: DiskSize,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let how = tokio::select! {
            ended = follow_to_the_end(&engine, &container, &log, disk) => ended,
            stopped = usage::stop_if_exceeded(&engine, &container, disk) => stopped,
        };
        exit.send_replace(Some(how));
    })
}

/// Follows the output of a container, and returns how it ended. The engine keeps all output on its disk, and rotating
/// that log would lose lines; so a container that prints more than it may write is stopped.
async fn follow_to_the_end(engine: &Engine, container: &str, log: &LogTail, disk: DiskSize) -> Exit {
    let printed = AtomicU64::new(0);
    let is_too_much = || printed.load(Ordering::Relaxed) > disk.0;
    let follow = async {
        let options = LogsOptionsBuilder::new().follow(true).stdout(true).stderr(true).build();
        let mut lines = pin!(engine.logs(container, Some(options)));
        while let Some(Ok(output)) = lines.next().await {
            let line = output.into_bytes();
            let was_too_much = is_too_much();
            printed.fetch_add(line.len() as u64 + LOG_ENTRY, Ordering::Relaxed);
            log.push(&line);
            if is_too_much() && !was_too_much {
                let _ = engine.kill_container(container, None::<KillContainerOptions>).await;
            }
        }
    };
    let options = WaitContainerOptionsBuilder::new().condition("not-running").build();
    let mut wait = pin!(engine.wait_container(container, Some(options)));
    let mut follow = pin!(follow);
    let ended = tokio::select! {
        ended = wait.next() => {
            let _ = timeout(LAST_OUTPUT_WITHIN, follow).await;
            ended
        }
        () = &mut follow => wait.next().await,
    };
    let code = match ended {
        Some(Ok(response)) => Some(response.status_code),
        Some(Err(Error::DockerContainerWaitError { code, .. })) => Some(code),
        _ => None,
    };
    if is_too_much() {
        return usage::printed_too_much(DiskSize(printed.load(Ordering::Relaxed)), disk);
    }
    // the disk may be the reason for the end
    if let Some(used) = usage::exceeding(engine, container, disk).await {
        return usage::exceeded(used, disk);
    }
    let inspected = engine.inspect_container(container, None::<InspectContainerOptions>).await.ok();
    let starved = inspected.and_then(|all| all.state?.oom_killed).unwrap_or(false);
    match code {
        Some(code) if starved => Exit::new(Some(code), format!("exit code {code} (out of memory)")),
        Some(code) => Exit::new(Some(code), format!("exit code {code}")),
        None => Exit::new(None, "it is gone"),
    }
}

/// Runs a command in the container and returns what it prints on stdout.
pub(super) async fn exec(
    engine: &Engine,
    container: &str,
    command: &[String],
) -> Result<Vec<u8>, Unreadable> {
    let unreadable = |error: Error| Unreadable(error.to_string());
    let config = ExecConfig {
        cmd: Some(command.to_vec()),
        attach_stdout: Some(true),
        attach_stderr: Some(false),
        ..Default::default()
    };
    let created = engine.create_exec(container, config).await.map_err(unreadable)?;
    let run = async {
        let mut printed = vec![];
        if let StartExecResults::Attached { mut output, .. } =
            engine.start_exec(&created.id, None).await.map_err(unreadable)?
        {
            while let Some(chunk) = output.next().await {
                printed.extend_from_slice(&chunk.map_err(unreadable)?.into_bytes());
                if printed.len() > MAX_STORE_BYTES {
                    let program = command.first().map_or("", String::as_str);
                    return Err(Unreadable(too_long(program)));
                }
            }
        }
        let ended = engine.inspect_exec(&created.id).await.map_err(unreadable)?;
        match ended.exit_code {
            Some(0) => Ok(printed),
            code => Err(Unreadable(format!("the command ended with exit code {}", code.unwrap_or(-1)))),
        }
    };
    timeout(Duration::from_secs(10), run)
        .await
        .unwrap_or_else(|_| Err(Unreadable("the command did not end within 10 s".into())))
}
