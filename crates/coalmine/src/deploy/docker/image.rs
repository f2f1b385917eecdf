//! The image: looked up, and fetched if it is absent and that is allowed.

use std::collections::HashMap;

use bollard::{Docker as Engine, query_parameters::CreateImageOptionsBuilder};
use futures_util::StreamExt;

use super::{DockerSpec, PullPolicy};
use crate::{
    deploy::TargetError,
    event::{Emitter, Event, Phase, Progress},
};

/// What matters about an image.
#[derive(Debug, Default)]
pub(super) struct Image {
    /// `sha256:…`.
    pub(super) id: String,
    /// The user that its processes run as; empty for root.
    pub(super) user: String,
}

/// Finds the image, and fetches it if the policy says so.
pub(super) async fn ensure(
    engine: &Engine,
    spec: &DockerSpec,
    events: &Emitter,
) -> Result<Image, TargetError> {
    if spec.pull != PullPolicy::Always {
        match inspect(engine, &spec.image).await {
            Ok(image) => return Ok(image),
            Err(cause) if spec.pull == PullPolicy::Never => {
                return Err(TargetError::NoImage { image: spec.image.clone(), cause });
            }
            Err(_) => {}
        }
    }
    pull(engine, &spec.image, events).await?;
    inspect(engine, &spec.image)
        .await
        .map_err(|cause| TargetError::NoImage { image: spec.image.clone(), cause })
}

async fn inspect(engine: &Engine, image: &str) -> Result<Image, String> {
    let found = engine.inspect_image(image).await.map_err(|error| error.to_string())?;
    let user = found.config.and_then(|config| config.user).unwrap_or_default();
    Ok(Image { id: found.id.unwrap_or_default(), user })
}

async fn pull(engine: &Engine, image: &str, events: &Emitter) -> Result<(), TargetError> {
    // without a tag the engine would fetch all of them
    let name = if image.rsplit('/').next().is_some_and(|last| last.contains([':', '@'])) {
        image.to_owned()
    } else {
        format!("{image}:latest")
    };
    let options = CreateImageOptionsBuilder::new().from_image(&name).build();
    let mut steps = std::pin::pin!(engine.create_image(Some(options), None, None));
    let mut layers: HashMap<String, (i64, i64)> = HashMap::new();
    while let Some(step) = steps.next().await {
        let failed = |cause: String| TargetError::NoImage { image: image.to_owned(), cause };
        let step = step.map_err(|error| failed(error.to_string()))?;
        if let Some(error) = step.error_detail.and_then(|detail| detail.message) {
            return Err(failed(error));
        }
        if let (Some(layer), Some(detail)) = (step.id, step.progress_detail)
            && let (Some(current), Some(total)) = (detail.current, detail.total)
        {
            layers.insert(layer, (current, total));
        }
        let sum = |pick: fn(&(i64, i64)) -> i64| u64::try_from(layers.values().map(pick).sum::<i64>()).ok();
        events.emit(Event::Progress(Progress {
            phase: Phase::Pull,
            message: format!("{image}: {}", step.status.unwrap_or_default()),
            done: sum(|layer| layer.0),
            total: sum(|layer| layer.1).filter(|total| *total > 0),
        }));
    }
    Ok(())
}
