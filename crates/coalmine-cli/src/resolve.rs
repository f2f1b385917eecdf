//! Resolves arguments to the options of a run.

use std::{net::ToSocketAddrs, time::Duration};

use coalmine::{
    deploy::{DockerSpec, Placeholders, ProcessSpec, TargetSpec, UrlSpec, WorldAddress},
    event::{ModelMode, RunInfo},
    plan::{Canary, Profile, RedisStore, RunParameters, Script, UnusableDuration, builtin, parse_duration},
    run::{Options, Repeat},
};
use coalmine_runtime::fault::{self, Fault};
use url::Url;

use crate::{
    arguments::RunArguments,
    baselines,
    canaries::{self, Selection},
    context::Context,
    env_file,
    failure::Failure,
    files,
    runs::{self, RUNS_FOLDER},
    shards,
};

/// Returns the options of a run. `raw` are the words after `run`.
pub(crate) fn options(
    arguments: &RunArguments,
    raw: &[String],
    context: &Context,
) -> Result<Options, Failure> {
    let known = canaries::all(&arguments.own.canaries)?;
    let mut profile = profile(arguments, &known)?;
    let variable = |name: &str| context.host.text(name).map(str::to_owned);
    if let Some(auth) = profile.auth.take() {
        profile.auth = Some(auth.from_environment(&variable).map_err(|name| {
            Failure::new(format!(
                "the credentials of profile `{}` need the variable `{name}`, which is not set",
                profile.name
            ))
            .hint(format!("set it: `export {name}=…`"))
        })?);
    }
    profile.redis_from_environment(&variable).map_err(|name| {
        Failure::new(format!("`[state] redis` needs the variable `{name}`, which is not set"))
            .hint(format!("set it: `export {name}=…`"))
    })?;
    let model = arguments.model;
    if model == ModelMode::Live {
        profile.keep_own_model();
    }
    let mut from_files = vec![];
    for file in &arguments.env_file {
        from_files.extend(env_file::read(file)?);
    }
    profile.env.extend(from_files.iter().cloned());
    for given in &arguments.env {
        let (name, value) = set_or_passed_on(given, context)?;
        profile.env.insert(name, value);
    }
    let named = secret_env(arguments, &mut profile, context)?;
    if let Some(port) = arguments.port {
        profile.port = Some(port);
    }
    let fault = arguments.fault.as_deref().map(known_fault).transpose()?;
    if model == ModelMode::CanaryMode {
        profile.env.insert("MOLECULE_CANARY_MODE".into(), "1".into());
    }
    let seed = arguments.seed.unwrap_or_else(|| u64::from(fresh().as_fields().0));
    let mut id = run_id(arguments, context)?;
    if arguments.out.is_none() {
        id = runs::free_id(RUNS_FOLDER.into(), id);
    }
    let asked =
        if arguments.last_failed { runs::last_failed(RUNS_FOLDER.into())? } else { arguments.canary.clone() };
    let target = target(arguments, &mut profile, fault)?;
    let ready_within = duration("--timeout", arguments.timeout.as_deref())?
        .or(profile.ready.within)
        .unwrap_or_else(|| target.ready_default());
    let turn_default = Duration::from_secs(30);
    let turn_within = duration("--turn-timeout", arguments.turn_timeout.as_deref())?
        .or(profile.turn_within)
        .unwrap_or(turn_default);
    let parameters = RunParameters { seed, model, contexts: arguments.contexts };
    let selection = Selection { ids: &asked, levels: &arguments.only, skipped: &arguments.skip };
    let baseline = arguments.baseline.as_deref().map(baselines::read).transpose()?;
    let mut canaries = canaries::selected(known, &selection)?;
    let shard = arguments.shard.map(|choice| shards::select(choice, &mut canaries, baseline.as_ref()));
    let scripts: Vec<Script> = canaries
        .into_iter()
        .map(|canary| {
            let id = canary.id.clone();
            Script::new(canary, parameters).map_err(|error| {
                Failure::new(format!("could not fill in the facts of canary `{id}`")).because(error)
            })
        })
        .collect::<Result<_, _>>()?;
    profile.files.extend(scripts.iter().flat_map(|script| script.skill_files(&profile.skills)));
    Ok(Options {
        out_shown: arguments.out.as_ref().map_or_else(|| format!("{RUNS_FOLDER}/{id}"), ToString::to_string),
        run: RunInfo {
            id,
            seed,
            started_at: context.started_at.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model,
            arguments: again(raw),
            asked,
            jobs: u32::try_from(arguments.jobs).unwrap_or(u32::MAX),
            strict: arguments.strict,
            shard,
        },
        target,
        host: context.host.clone(),
        baseline,
        scripts,
        model_fault: arguments.model_fault,
        jobs: arguments.jobs,
        repeat: arguments.repeat.map(|times| Repeat { times, min_pass: arguments.min_pass.unwrap_or(1.0) }),
        dialect: arguments.dialect.fixed(),
        world: arguments.world.as_deref().map(world).transpose()?,
        lenient: arguments.lenient,
        keep: arguments.keep,
        fail_fast: arguments.fail_fast,
        ready_within,
        turn_within,
        today: context.today,
        secrets: secrets(&profile, from_files, named),
        profile,
        token: fresh().simple().to_string(),
    })
}

/// Sets the variables of `--secret-env`, unless `--env` or `--env-file` does, and returns their values.
fn secret_env(
    arguments: &RunArguments,
    profile: &mut Profile,
    context: &Context,
) -> Result<Vec<String>, Failure> {
    let mut values = vec![];
    for name in &arguments.secret_env {
        let given = arguments.env.iter().any(|pair| pair.split('=').next() == Some(name));
        if let (Some(value), false) = (context.host.text(name), given) {
            profile.env.insert(name.clone(), value.to_owned());
        }
        let value = profile.env.get(name).ok_or_else(|| {
            Failure::new(format!("the variable `{name}` of `--secret-env` is not set"))
                .hint(format!("set it: `export {name}=…`"))
        })?;
        values.push(value.clone());
    }
    Ok(values)
}

/// Returns a variable of `--env`: `NAME=VALUE`, or `NAME` for the one that is set here.
fn set_or_passed_on(given: &str, context: &Context) -> Result<(String, String), Failure> {
    if let Some((name, value)) = given.split_once('=').filter(|(name, _)| !name.is_empty()) {
        return Ok((name.to_owned(), value.to_owned()));
    }
    let value = context.host.text(given).ok_or_else(|| {
        Failure::new(format!("invalid variable `{given}` for `--env`: it is not set here, or is empty"))
            .hint("set it, or write `--env NAME=VALUE`")
    })?;
    Ok((given.to_owned(), value.to_owned()))
}

/// Returns the profile that `--profile` gives, or else `reference` for the reference runtime and `generic`
/// for others.
fn profile(arguments: &RunArguments, canaries: &[Canary]) -> Result<Profile, Failure> {
    let embedded = arguments.image.is_none() && arguments.cmd.is_none() && arguments.url.is_none();
    match arguments.profile.as_deref() {
        None => Ok(builtin::profile(if embedded { "reference" } else { "generic" })?),
        Some(path) if path.ends_with(".toml") || path.contains('/') => {
            let text = files::read(camino::Utf8Path::new(path))?;
            let name = camino::Utf8Path::new(path).file_stem().unwrap_or(path);
            let profile = Profile::read(name, path, &text)?;
            profile.check_limits(path, &text, canaries.iter().map(|canary| canary.id.as_str()))?;
            Ok(profile)
        }
        Some(name) if builtin::profile_names().any(|known| known == name) => Ok(builtin::profile(name)?),
        Some(name) => Err(Failure::unknown("profile", name, builtin::profile_names())),
    }
}

fn target(
    arguments: &RunArguments,
    profile: &mut Profile,
    fault: Option<Fault>,
) -> Result<TargetSpec, Failure> {
    if let Some(url) = &arguments.url {
        let base = Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| {
                Failure::new(format!(
                    "invalid URL `{url}` for `--url`: expected `http` or `https` and a host"
                ))
                .hint("write it as `http://127.0.0.1:8000`")
            })?;
        return Ok(TargetSpec::Url(UrlSpec { given: url.clone(), base }));
    }
    let sandbox = arguments.sandbox;
    if let Some(command) = &arguments.cmd {
        return Ok(TargetSpec::Process(ProcessSpec::Shell { command: command.clone(), sandbox }));
    }
    if sandbox && (profile.image.is_some() || profile.command.is_none()) {
        return Err(Failure::new("`--sandbox` is for a local command: there is none")
            .hint("give the command with `--cmd`, or leave out `--sandbox`"));
    }
    if let Some(image) = arguments.image.as_ref().or(profile.image.as_ref()) {
        let image = image.clone();
        if let Some(fault) = fault {
            profile.env.insert("COALMINE_FAULT".into(), fault.info().id.into());
        }
        let (pull, open) = (arguments.pull, arguments.model == ModelMode::Live);
        return Ok(TargetSpec::Docker(DockerSpec { image, pull, keep: arguments.keep, open }));
    }
    if let Some(command) = &profile.command {
        return Ok(TargetSpec::Process(ProcessSpec::Shell { command: command.clone(), sandbox }));
    }
    let own = std::env::current_exe()
        .map_err(|error| Failure::new("could not find the path of this program").because(error))?;
    let own = own.to_string_lossy().into_owned();
    let words = ["serve", "runtime", "--until-stdin-ends"];
    let mut command: Vec<String> = std::iter::once(own).chain(words.map(str::to_owned)).collect();
    let fault = fault.map(|fault| fault.info().id.to_owned());
    command.extend(fault.iter().flat_map(|fault| ["--fault".to_owned(), fault.clone()]));
    Ok(TargetSpec::Process(ProcessSpec::Embedded { command, fault }))
}

pub(crate) fn known_fault(id: &str) -> Result<Fault, Failure> {
    Fault::parse(id).map_err(|_| Failure::unknown("fault", id, fault::CATALOGUE.iter().map(|info| info.id)))
}

fn duration(flag: &str, text: Option<&str>) -> Result<Option<Duration>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let invalid =
        |expected: &str| Failure::new(format!("invalid duration `{text}` for `{flag}`: {expected}"));
    match parse_duration(text) {
        Err(UnusableDuration::TooLong(_)) => Err(invalid("expected at most a day")),
        Err(_) => Err(invalid("expected a number with a unit, such as `90s`")),
        Ok(Duration::ZERO) => Err(invalid("expected more than zero")),
        Ok(time) => Ok(Some(time)),
    }
}

/// Parses `HOST:PORT`. The world listens there, and the runtime is given the host as it was written.
fn world(text: &str) -> Result<WorldAddress, Failure> {
    let invalid = || {
        Failure::new(format!("invalid address `{text}` for `--world`: expected a host and a port"))
            .hint("write it as `127.0.0.1:8090`")
    };
    let bare = text.trim_start_matches("http://").trim_end_matches('/');
    let bind =
        bare.to_socket_addrs().map_err(|error| invalid().because(error))?.next().ok_or_else(invalid)?;
    let host = bare.rsplit_once(':').map_or(bare, |(host, _)| host);
    let host = if bind.ip().is_unspecified() { "127.0.0.1" } else { host };
    Ok(WorldAddress { bind, advertised: format!("http://{host}:{}", bind.port()) })
}

fn run_id(arguments: &RunArguments, context: &Context) -> Result<String, Failure> {
    let Some(id) = arguments.run_id.as_deref().filter(|id| !id.is_empty()) else {
        return Ok(format!("{}-{}", context.stamp, &fresh().simple().to_string()[..4]));
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let good = id.len() <= 60 && id.chars().all(fits) && id.starts_with(|c: char| c.is_ascii_alphanumeric());
    if good {
        Ok(id.to_owned())
    } else {
        Err(Failure::new(format!(
            "invalid id `{id}` for `--run-id`: expected letters, digits, `-`, `_` and `.`, at most 60"
        ))
        .hint("begin it with a letter or a digit, such as `nightly-7`"))
    }
}

/// The arguments that are not repeated: those that differ from run to run, that select canaries in another way than by their
/// ids, or that write into the folder of an earlier run.
const NOT_REPEATED: [&str; 13] = [
    "--canary",
    "--seed",
    "--run-id",
    "--out",
    "--last-failed",
    "--fail-fast",
    "--ci",
    "--format",
    "--base",
    "--built",
    "--attest",
    "--attest-image-id",
    "--workflow",
];

/// Returns the arguments without those that are not repeated.
fn again(raw: &[String]) -> Vec<String> {
    let mut kept = vec![];
    let mut dropping = false;
    for word in raw {
        if word.starts_with('-') {
            let name = word.split('=').next().unwrap_or(word);
            dropping = NOT_REPEATED.contains(&name);
            if dropping && word.contains('=') {
                dropping = false;
                continue;
            }
        }
        if !dropping {
            // a run that is repeated by hand should be seen
            if !matches!(word.as_str(), "-q" | "--quiet" | "-v" | "--verbose") {
                kept.push(word.clone());
            }
        }
    }
    kept
}

/// Returns the values that are redacted: those of the profile and of `--env` whose names look like
/// credentials, and all values of `--env-file` and `--secret-env`.
fn secrets(profile: &Profile, from_files: Vec<(String, String)>, named: Vec<String>) -> Vec<String> {
    let is_secret = |name: &str| {
        let name = name.to_uppercase();
        ["KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL"].iter().any(|word| name.contains(word))
    };
    let values = profile.env.iter().filter(|(name, _)| is_secret(name)).map(|(_, value)| value);
    let redis = profile.state.redis.as_deref().and_then(|url| RedisStore::parse(url).ok()?.password);
    // short values occur in many places that are not secret, and placeholders are redacted when they are filled in
    let has_placeholder = |value: &str| Placeholders::default().apply(value) != value;
    let given = from_files.into_iter().map(|(_, value)| value).chain(named);
    values
        .filter(|value| value.len() >= 8 && *value != "not-a-key" && !has_placeholder(value))
        .cloned()
        .chain(redis)
        .chain(given.filter(|value| env_file::is_secret(value)))
        .collect()
}

fn fresh() -> uuid::Uuid {
    uuid::Uuid::new_v4()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_only_what_stays_the_same() {
        let raw = [
            "--image",
            "x:dev",
            "--canary",
            "a",
            "b",
            "--seed=3",
            "--run-id",
            "r",
            "--quiet",
            "--out",
            "evidence",
            "--last-failed",
            "--ci",
            "github",
            "--attest",
            "--workflow",
            "gate.yml",
            "-v",
            "--skip",
            "c",
        ];
        let raw: Vec<String> = raw.map(str::to_owned).into();
        assert_eq!(again(&raw), ["--image", "x:dev", "--skip", "c"]);
    }

    #[test]
    fn advertises_the_host_as_given() {
        let given = world("localhost:8090").unwrap();
        assert_eq!((given.bind.port(), given.advertised.as_str()), (8090, "http://localhost:8090"));
        assert_eq!(world("0.0.0.0:1").unwrap().advertised, "http://127.0.0.1:1");
        assert!(world("nonsense").is_err());
    }
}
