//! The folder of a try, and what is done in it.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use tempfile::TempDir;

use super::{Registry, Tools};
use crate::{failure::Failure, image, repository, tool};

/// The type of the predicate.
const KIND: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// A temporary folder with a key pair.
pub(super) struct Place {
    _guard: TempDir,
    folder: Utf8PathBuf,
    pub(super) tools: Tools,
}

/// An image in the registry. Its name in the engine is removed with this value.
pub(super) struct Image {
    /// `127.0.0.1:PORT/NAME:dev`.
    pub(super) name: String,
    /// `127.0.0.1:PORT/NAME@sha256:…`.
    pub(super) by_digest: String,
}

impl Place {
    pub(super) fn new(tools: Tools) -> Result<Self, Failure> {
        let guard = tempfile::tempdir()?;
        let folder = Utf8PathBuf::from_path_buf(guard.path().to_owned())
            .map_err(|path| Failure::new(format!("`{}` is not UTF-8", path.display())))?;
        let place = Self { _guard: guard, folder, tools };
        place.generate_keys(&place.folder)?;
        Ok(place)
    }

    pub(super) fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// Returns the file of the public key.
    pub(super) fn key(&self) -> Utf8PathBuf {
        self.folder.join("cosign.pub")
    }

    /// Makes another pair of keys, and returns the file of the public one.
    pub(super) fn foreign_key(&self) -> Result<Utf8PathBuf, Failure> {
        let folder = self.folder.join("foreign");
        fs_err::create_dir(&folder)?;
        self.generate_keys(&folder)?;
        Ok(folder.join("cosign.pub"))
    }

    fn generate_keys(&self, folder: &Utf8Path) -> Result<(), Failure> {
        let mut cosign = self.cosign();
        cosign.arg("generate-key-pair").current_dir(folder);
        tool::run_silently(&mut cosign, "cosign made no keys")
    }

    /// Judges an image, and returns the folder of its attestation.
    pub(super) fn judge(
        &self,
        image: &Image,
        name: &str,
        more: &[&str],
        code: i32,
    ) -> Result<Utf8PathBuf, Failure> {
        let out = self.folder.join(name);
        let mut run = self.coalmine();
        run.args(["run", "--image", &image.name, "--pull", "never", "--profile", "reference", "--attest"]);
        run.args(["--out", out.as_str()]).args(more);
        let done = run.output()?;
        if done.status.code() != Some(code) {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            return Err(Failure::new(format!("the run `{name}` must end with {code}")).because(said));
        }
        Ok(out.join("attestation"))
    }

    /// Signs a predicate and attaches it to an image.
    pub(super) fn attach(&self, image: &Image, attestation: &Utf8Path) -> Result<(), Failure> {
        let mut cosign = self.cosign();
        let (key, predicate) = (self.folder.join("cosign.key"), attestation.join("predicate.json"));
        cosign.args(["attest", "--yes", "--tlog-upload=false", "--type", KIND]);
        cosign.args(["--key", key.as_str(), "--predicate", predicate.as_str(), &image.by_digest]);
        tool::run_silently(&mut cosign, "cosign attached no attestation")
    }

    /// Returns what cosign prints about an image: its envelopes, one a line.
    pub(super) fn fetch(&self, image: &Image) -> Result<String, Failure> {
        let mut cosign = self.cosign();
        cosign.args(["verify-attestation", "--insecure-ignore-tlog", "--type", KIND]);
        cosign.args(["--key", self.key().as_str(), &image.by_digest]);
        let done = cosign.output()?;
        if done.status.success() {
            return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        Err(Failure::new("cosign verified no attestation").because(said))
    }

    /// Lets coalmine decide. Returns the exit code and everything that was printed.
    pub(super) fn verify(&self, text: &str, image: &str, more: &[&str]) -> Result<(i32, String), Failure> {
        let mut verify = self.coalmine();
        verify.args(["verify", "-", "--image", image]).args(more);
        let mut process =
            verify.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = process.stdin.take() {
            stdin.write_all(text.as_bytes())?;
        }
        let done = process.wait_with_output()?;
        let printed = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok((done.status.code().unwrap_or(-1), printed.concat()))
    }

    pub(super) fn read(&self, file: &Utf8Path) -> Result<String, Failure> {
        Ok(fs_err::read_to_string(file)?)
    }

    fn coalmine(&self) -> Command {
        let mut coalmine = Command::new(repository::target("debug/coalmine"));
        coalmine.current_dir(&self.folder).stdin(Stdio::null());
        coalmine
    }

    fn cosign(&self) -> Command {
        let mut cosign = Command::new(&self.tools.cosign);
        // neither the user's registries nor the user's trust
        cosign.env("COSIGN_PASSWORD", "").env("HOME", &self.folder).env("DOCKER_CONFIG", &self.folder);
        cosign.stdin(Stdio::null());
        cosign
    }
}

impl Image {
    /// Builds an image that differs from others by a label only, and pushes it.
    pub(super) fn push(registry: &Registry, label: &str) -> Result<Self, Failure> {
        let name = format!("{}/coalmine-{label}:dev", registry.address());
        let folder = tempfile::tempdir()?;
        let text = format!("FROM {}\nLABEL coalmine.attest={label}\n", image::REFERENCE);
        fs_err::write(folder.path().join("Dockerfile"), text)?;
        let mut build = tool::docker_build(&name);
        build.arg("--quiet").arg(folder.path());
        tool::run_silently(&mut build, "the image could not be built")?;
        let mut pushed = Self { by_digest: String::new(), name };
        tool::run_silently(
            tool::docker().args(["push", "--quiet", &pushed.name]),
            "the image could not be pushed",
        )?;
        let mut inspect = tool::docker();
        inspect.args(["image", "inspect", "--format", "{{index .RepoDigests 0}}", &pushed.name]);
        pushed.by_digest = tool::output(&mut inspect, "the image has no digest")?.trim().to_owned();
        Ok(pushed)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let mut remove = tool::docker();
        remove
            .args(["image", "rm", "--force", &self.name])
            .args(Some(&self.by_digest).filter(|name| !name.is_empty()));
        // an image that stays does no harm
        let _ = remove.output();
    }
}

/// Returns an envelope whose statement names another run, under the old signature.
pub(super) fn tampered(envelope: &str) -> Result<String, Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::new("what cosign printed cannot be read").because(error);
    let mut envelope: Value = serde_json::from_str(envelope.trim()).map_err(|error| failed(&error))?;
    let payload = envelope["payload"].as_str().unwrap_or_default();
    let payload = STANDARD.decode(payload).map_err(|error| failed(&error))?;
    let mut statement: Value = serde_json::from_slice(&payload).map_err(|error| failed(&error))?;
    statement["predicate"]["coalmine"]["run"] = "another".into();
    envelope["payload"] = STANDARD.encode(statement.to_string()).into();
    Ok(envelope.to_string())
}
