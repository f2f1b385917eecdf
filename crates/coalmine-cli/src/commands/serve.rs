//! `coalmine serve`

use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};

use camino::Utf8Path;
use coalmine::{event::EscapedJson, plan::builtin};
use coalmine_runtime::{Config, ServeError};
use coalmine_world::{
    Callers, JournalError, Limits, ModelFault, Timeouts, World, WorldConfig, model::SimulatedModel,
};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::{
    io::AsyncReadExt,
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{arguments::ServeCommand, failure::Failure, printer::Printer, resolve};

/// The exit code of a Rust program whose main thread panicked.
const PANICKED: u8 = 101;

pub(crate) fn serve(what: ServeCommand, printer: &mut Printer) -> Result<u8, Failure> {
    match what {
        ServeCommand::Runtime { listen, fault, until_stdin_ends } => {
            let invalid = |error| Failure::new("could not configure the reference runtime").because(error);
            let mut config = Config::from_env(|name| std::env::var(name).ok()).map_err(invalid)?;
            if let Some(id) = fault {
                config.fault = Some(resolve::known_fault(&id)?);
            }
            super::block_on(runtime(listen, config, until_stdin_ends, printer))?
        }
        ServeCommand::World { listen, model_fault, lenient, journal } => {
            let journal = open_journal(journal.as_deref())?;
            allow_connections();
            super::block_on(world(listen, model_fault, lenient, journal, printer))?
        }
    }
}

async fn bind(listen: SocketAddr, printer: &mut Printer) -> Result<(TcpListener, SocketAddr), Failure> {
    let failed = |error| Failure::new(format!("could not listen on {listen}")).because(error);
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    printer.answer(address);
    Ok((listener, address))
}

async fn runtime(
    listen: SocketAddr,
    config: Config,
    until_stdin_ends: bool,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    tokio::time::sleep(config.slow.start).await;
    let (listener, _) = bind(listen, printer).await?;
    let shutdown = CancellationToken::new();
    tokio::spawn(end(shutdown.clone(), until_stdin_ends));
    match coalmine_runtime::serve(listener, config, shutdown).await {
        Ok(()) => Ok(0),
        Err(crash @ ServeError::Crashed) => {
            printer.note(crash);
            Ok(PANICKED)
        }
        Err(error) => Err(Failure::new("the reference runtime stopped").because(error)),
    }
}

/// Allows as many connections as the system permits. Many systems limit a process to a thousand open files
/// until it asks for more.
fn allow_connections() {
    if let Ok((_, max)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // if the system refuses, fewer connections are possible
        let _ = setrlimit(Resource::RLIMIT_NOFILE, max, max);
    }
}

fn open_journal(path: Option<&Utf8Path>) -> Result<Box<dyn Write + Send>, Failure> {
    let Some(path) = path else { return Ok(Box::new(std::io::sink())) };
    let failed = |error: std::io::Error| Failure::new("could not create the journal").because(error);
    Ok(Box::new(EscapedJson::new(fs_err::File::create(path).map_err(failed)?)))
}

async fn world(
    listen: SocketAddr,
    model_fault: Option<ModelFault>,
    lenient: bool,
    journal: Box<dyn Write + Send>,
    printer: &mut Printer,
) -> Result<u8, Failure> {
    let rules = builtin::canaries()?.into_iter().map(|canary| canary.rules);
    let roles = builtin::profile("generic")?.tools;
    let mut model = SimulatedModel::grouped(rules, &roles)
        .map_err(|error| Failure::new("the rules cannot be used").because(error))?;
    model.precompile();
    let (listener, address) = bind(listen, printer).await?;
    printer.note(format_args!(
        "the world is up. Point a runtime at it:\n\
         \x20 OPENAI_BASE_URL=http://{address}/v1        OPENAI_API_KEY=not-a-key\n\
         \x20 ANTHROPIC_BASE_URL=http://{address}        ANTHROPIC_API_KEY=not-a-key\n\
         \x20 GOOGLE_GEMINI_BASE_URL=http://{address}    GOOGLE_API_KEY=not-a-key\n\
         \x20 OLLAMA_HOST=http://{address}\n\
         \x20 PLATFORM_URL=http://{address}\n\
         Recorded calls: curl http://{address}/journal?kind=model\n\
         Press Ctrl-C to stop it"
    ));
    let token = uuid::Uuid::new_v4().simple().to_string();
    let world = World::new(WorldConfig {
        token,
        model,
        journal,
        model_fault,
        lenient,
        recall_pause: Duration::ZERO,
        journal_open: true,
        timeouts: Timeouts::default(),
        // its user decides who connects
        limits: Limits { connections: usize::MAX, ..Limits::default() },
        callers: Callers::Anyone,
    });
    let shutdown = CancellationToken::new();
    tokio::spawn(end(shutdown.clone(), false));
    let failed = |error| Failure::new("the world stopped").because(error);
    coalmine_world::serve(listener, Arc::clone(&world), shutdown).await.map_err(failed)?;
    let incomplete = |error: JournalError| {
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        Failure::new(error.to_string()).because(cause)
    };
    world.close().await.map_err(incomplete)?;
    Ok(0)
}

/// Cancels on Ctrl-C, on SIGTERM and, if requested, when stdin is closed.
async fn end(shutdown: CancellationToken, until_stdin_ends: bool) {
    let Ok(mut terminated) = signal(SignalKind::terminate()) else { return };
    let stdin_ends = async {
        if until_stdin_ends {
            let mut stdin = tokio::io::stdin();
            while let Ok(1..) = stdin.read(&mut [0; 64]).await {}
        } else {
            std::future::pending().await
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
        () = stdin_ends => {}
    }
    shutdown.cancel();
}
