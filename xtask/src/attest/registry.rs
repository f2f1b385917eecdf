//! A container registry on loopback, with its data in a temporary folder.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use camino::Utf8Path;

use crate::failure::Failure;

/// How long the registry may take to listen.
const WITHIN: Duration = Duration::from_secs(20);

/// A registry that ends with this value.
#[derive(Debug)]
pub(super) struct Registry {
    process: Child,
    address: SocketAddr,
}

impl Registry {
    pub(super) fn start(program: &Utf8Path, folder: &Utf8Path) -> Result<Self, Failure> {
        // free a moment ago; a registry that finds the port in use ends, and says so
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let config = folder.join("registry.yml");
        let data = folder.join("registry");
        let text = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {data}\nhttp:\n  addr: {address}\n"
        );
        fs_err::write(&config, text)?;
        let log = fs_err::File::create(folder.join("registry.log"))?.into_parts().0;
        let process = Command::new(program)
            .args(["serve", config.as_str()])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .map_err(|error| Failure::new("the registry could not be started").because(error))?;
        let mut registry = Self { process, address };
        registry.wait(folder)?;
        Ok(registry)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    fn wait(&mut self, folder: &Utf8Path) -> Result<(), Failure> {
        let began = Instant::now();
        while began.elapsed() < WITHIN {
            if self.process.try_wait()?.is_some() {
                break;
            }
            if TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = fs_err::read_to_string(folder.join("registry.log")).unwrap_or_default();
        Err(Failure::new("the registry does not listen").because(log.trim()))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // it has ended already if this fails
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
