//! The floor, the least that a container costs: create, start, wait until it is ready, remove.

use std::time::{Duration, Instant};

use bollard::{
    Docker,
    errors::Error,
    models::{ContainerCreateBody, HostConfig, NetworkCreateRequest},
    query_parameters::{CreateContainerOptions, InspectContainerOptions, RemoveContainerOptionsBuilder},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{failure::Failure, image::REFERENCE};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Measures a container in the engine's own network.
pub(super) async fn bare(engine: &Docker) -> Result<Duration, Failure> {
    let began = Instant::now();
    container(engine, "bridge").await?;
    Ok(began.elapsed())
}

/// Measures a container in an internal network of its own, which is created and removed as well.
pub(super) async fn isolated(engine: &Docker) -> Result<Duration, Failure> {
    let began = Instant::now();
    let name = format!("coalmine-bench-{}", std::process::id());
    let request = NetworkCreateRequest { name: name.clone(), internal: Some(true), ..Default::default() };
    engine.create_network(request).await.map_err(failed)?;
    let done = container(engine, &name).await;
    engine.remove_network(&name).await.map_err(failed)?;
    done.map(|()| began.elapsed())
}

async fn container(engine: &Docker, network: &str) -> Result<(), Failure> {
    let body = ContainerCreateBody {
        image: Some(REFERENCE.to_owned()),
        host_config: Some(HostConfig { network_mode: Some(network.to_owned()), ..Default::default() }),
        ..Default::default()
    };
    let created = engine.create_container(None::<CreateContainerOptions>, body).await.map_err(failed)?;
    let ready = start(engine, &created.id, network).await;
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    engine.remove_container(&created.id, Some(options)).await.map_err(failed)?;
    ready
}

async fn start(engine: &Docker, container: &str, network: &str) -> Result<(), Failure> {
    engine.start_container(container, None).await.map_err(failed)?;
    let inspected = engine.inspect_container(container, None::<InspectContainerOptions>).await;
    let networks = inspected.map_err(failed)?.network_settings.and_then(|settings| settings.networks);
    let endpoint = networks.as_ref().and_then(|networks| networks.get(network));
    let address = endpoint.and_then(|endpoint| endpoint.ip_address.clone()).unwrap_or_default();
    let began = Instant::now();
    while !serves_card(&address).await {
        if began.elapsed() > TIMEOUT {
            return Err(Failure::new("the container did not become ready"));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// Returns whether the runtime serves its agent card.
async fn serves_card(address: &str) -> bool {
    let request = async {
        let mut stream = TcpStream::connect((address, 8000)).await?;
        let bytes = format!(
            "GET /.well-known/agent-card.json HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(bytes.as_bytes()).await?;
        let mut answer = vec![];
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.starts_with(b"HTTP/1.1 200"))
    };
    request.await.unwrap_or(false)
}

fn failed(error: Error) -> Failure {
    Failure::new("the container engine failed while the floor was measured").because(error)
}
