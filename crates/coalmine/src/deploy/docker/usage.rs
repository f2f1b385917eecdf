//! What a container has written to its disk, as the engine counts it, and when that is too much.
//!
//! On most disks an engine cannot bound it: overlay2 has quotas only on xfs. So it is watched, and a container
//! that has written more than it may is stopped.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use bollard::{
    Docker as Engine,
    models::ContainerInspectResponse,
    query_parameters::{
        InspectContainerOptions, InspectContainerOptionsBuilder, KillContainerOptions, ListVolumesOptions,
    },
};
use tokio::time::sleep;

use crate::{deploy::Exit, plan::DiskSize};

/// The shortest pause between two looks.
const MIN_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause: many files must not buy time.
const MAX_PAUSE: Duration = Duration::from_secs(10);
/// A pause is this many times as long as the look before it, so that looking costs the engine little.
const PAUSE_FACTOR: u32 = 20;
/// The latest version of the engine's API that lists the volumes' sizes as [`sized_volumes`] needs it.
const LATEST_SIZES: (usize, usize) = (1, 44);

/// Returns once the container has written more than it may and was stopped.
pub(super) async fn stop_if_exceeded(engine: &Engine, container: &str, max: DiskSize) -> Exit {
    let mut pause = MIN_PAUSE;
    loop {
        sleep(pause).await;
        let began = Instant::now();
        if let Some(used) = exceeding(engine, container, max).await {
            let _ = engine.kill_container(container, None::<KillContainerOptions>).await;
            return exceeded(used, max);
        }
        pause = (began.elapsed() * PAUSE_FACTOR).clamp(MIN_PAUSE, MAX_PAUSE);
    }
}

/// Returns how a container ended that had written more than it may.
pub(super) fn exceeded(used: DiskSize, max: DiskSize) -> Exit {
    let how = format!("it wrote {used} to its disk, and {max} are allowed (`disk` in a profile)");
    Exit { disk_exceeded: true, ..Exit::new(None, how) }
}

/// Returns how a container ended whose output takes more than it may write.
pub(super) fn printed_too_much(used: DiskSize, max: DiskSize) -> Exit {
    let how = format!(
        "it printed {used}, which the engine's log keeps on the disk, and {max} are allowed (`disk` in a profile)"
    );
    Exit { disk_exceeded: true, ..Exit::new(None, how) }
}

/// Returns what the container has written, if it is more than it may.
pub(super) async fn exceeding(engine: &Engine, container: &str, max: DiskSize) -> Option<DiskSize> {
    let options = InspectContainerOptionsBuilder::new().size(true).build();
    let inspected =
        engine.inspect_container(container, Some::<InspectContainerOptions>(options)).await.ok()?;
    let layer = inspected.size_rw.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
    let volumes = volume_names(&inspected);
    let mut used = layer;
    // asking for the sizes of volumes costs the engine more
    if used <= max.0 && !volumes.is_empty() {
        used = used.saturating_add(size_of(engine, &volumes).await);
    }
    (used > max.0).then_some(DiskSize(used))
}

/// Returns the names of the container's volumes, those of the image included.
fn volume_names(inspected: &ContainerInspectResponse) -> HashSet<String> {
    inspected.mounts.iter().flatten().filter_map(|mount| mount.name.clone()).collect()
}

/// Returns the size of all these volumes in bytes.
async fn size_of(engine: &Engine, names: &HashSet<String>) -> u64 {
    let listed = sized_volumes(engine).list_volumes(None::<ListVolumesOptions>).await;
    let volumes = listed.ok().and_then(|listed| listed.volumes).unwrap_or_default();
    let ours = volumes.into_iter().filter(|volume| names.contains(&volume.name));
    // -1 stands for a size that the engine does not know
    ours.filter_map(|volume| u64::try_from(volume.usage_data?.size).ok()).fold(0, u64::saturating_add)
}

/// Returns a client whose list of volumes has their sizes: `GET /system/df` answers in the form of
/// `GET /volumes`, and only it has them.
fn sized_volumes(engine: &Engine) -> Engine {
    let own = engine.client_version();
    let (major, minor) = LATEST_SIZES.min((own.major_version, own.minor_version));
    // older engines ignore the type, and count everything
    let path = format!("/v{major}.{minor}/system/df?type=volume");
    engine.clone().with_request_modifier(move |mut request| {
        if let Ok(uri) = request.uri().to_string().replacen("/volumes", &path, 1).parse() {
            *request.uri_mut() = uri;
        }
        request
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceeded_disk_has_its_own_code() {
        let exit = exceeded(DiskSize(3 << 30), DiskSize::default());
        let diagnosis = exit.diagnosis("the runtime ended before it was ready");
        assert_eq!(diagnosis.code.id(), "boot.disk-exceeded");
        assert_eq!(
            diagnosis.sentence,
            "the runtime ended before it was ready: it wrote 3.0 GiB to its disk, and 2.0 GiB are allowed (`disk` in a profile)"
        );
    }
}
