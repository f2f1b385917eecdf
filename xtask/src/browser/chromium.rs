//! A headless Chromium, driven over a pipe by its DevTools protocol.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    os::unix::fs::MetadataExt,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::failure::Failure;

/// Names under which Chromium is installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// The longest wait for an answer or an event.
const WITHIN: Duration = Duration::from_secs(60);

/// A browser with one page.
pub(super) struct Chromium {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    events: VecDeque<Value>,
    session: Option<String>,
    next: u64,
    _profile: TempDir,
}

impl Chromium {
    /// Starts the browser that `CHROMIUM` names, or the one that is installed.
    pub(super) fn start() -> Result<Self, Failure> {
        let profile = tempfile::tempdir()?;
        let root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        let mut command = Command::new("sh");
        // the browser reads from 3 and writes to 4
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh"]).arg(program()?);
        command.args([
            "--headless",
            "--disable-gpu",
            "--hide-scrollbars",
            "--remote-debugging-pipe",
            "--no-first-run",
        ]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        command.args(root.then_some("--no-sandbox")).arg("about:blank");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(to), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::new("the browser has no pipe"));
        };
        let (sender, from) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(out).split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else { continue };
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut browser =
            Self { child, to, from, events: VecDeque::new(), session: None, next: 0, _profile: profile };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))?;
        let attached = browser
            .call("Target.attachToTarget", json!({"targetId": target["targetId"], "flatten": true}))?;
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}))?;
        }
        Ok(browser)
    }

    /// Calls a method and returns its result.
    pub(super) fn call(&mut self, method: &str, parameters: Value) -> Result<Value, Failure> {
        self.next += 1;
        let mut message = json!({"id": self.next, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes())?;
        let id = self.next;
        let mut answer = self.wait(method, |message| message["id"] == id)?;
        match answer.get("error") {
            Some(error) => Err(Failure::new(format!("the browser refused `{method}`")).because(error)),
            None => Ok(answer["result"].take()),
        }
    }

    /// Returns the value of an expression in the page.
    pub(super) fn evaluate(&mut self, expression: &str) -> Result<Value, Failure> {
        let parameters = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let mut done = self.call("Runtime.evaluate", parameters)?;
        if let Some(thrown) = done.get("exceptionDetails") {
            return Err(Failure::new(format!("the page could not evaluate `{expression}`")).because(thrown));
        }
        Ok(done["result"]["value"].take())
    }

    /// Opens an address, and returns how long that took and what the page asked for meanwhile.
    pub(super) fn open(&mut self, address: &str) -> Result<(Duration, Vec<String>), Failure> {
        // a link within the page that is open would not load it again
        self.load("about:blank")?;
        self.events.clear();
        let began = Instant::now();
        self.load(address)?;
        let took = began.elapsed();
        let requested = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        let asked =
            requested.filter_map(|event| event["params"]["request"]["url"].as_str().map(str::to_owned));
        Ok((took, asked.collect()))
    }

    fn load(&mut self, address: &str) -> Result<(), Failure> {
        self.call("Page.navigate", json!({"url": address}))?;
        self.wait("the page to load", |message| message["method"] == "Page.loadEventFired").map(|_| ())
    }

    /// Sets the size of the page, and its theme.
    pub(super) fn show_as(&mut self, width: u32, height: u32, theme: &str) -> Result<(), Failure> {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.call("Emulation.setDeviceMetricsOverride", size)?;
        let theme = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        self.call("Emulation.setEmulatedMedia", theme).map(|_| ())
    }

    /// Presses a key in the page.
    pub(super) fn press(&mut self, key: &str) -> Result<(), Failure> {
        let mut down = json!({"type": "keyDown", "key": key});
        if key.chars().count() == 1 {
            down["text"] = json!(key);
        }
        self.call("Input.dispatchKeyEvent", down)?;
        self.call("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": key})).map(|_| ())
    }

    /// Returns what the page shows now, as base64 of a PNG.
    pub(super) fn screenshot(&mut self) -> Result<String, Failure> {
        let shot = self.call("Page.captureScreenshot", json!({"format": "png"}))?;
        Ok(shot["data"].as_str().unwrap_or_default().to_owned())
    }

    /// Returns the events of a method since the page was opened.
    pub(super) fn seen(&self, method: &str) -> Vec<Value> {
        self.events.iter().filter(|event| event["method"] == method).cloned().collect()
    }

    /// Waits for a message; the events before it are kept.
    fn wait(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Result<Value, Failure> {
        let until = Instant::now() + WITHIN;
        loop {
            let message =
                self.from.recv_timeout(until.saturating_duration_since(Instant::now())).map_err(|error| {
                    Failure::new("the browser did not answer").because(format_args!("{what}: {error}"))
                })?;
            if is_it(&message) {
                return Ok(message);
            }
            self.events.push_back(message);
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // the profile is removed next
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> Result<String, Failure> {
    if let Some(named) = std::env::var("CHROMIUM").ok().filter(|named| !named.is_empty()) {
        return Ok(named);
    }
    let answers = |name: &&str| {
        let asked = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    NAMES.iter().find(|name| answers(name)).map(|name| (*name).to_owned()).ok_or_else(|| {
        Failure::new("no Chromium was found, so nothing is known about `report.html` in a browser")
            .hint("install the package `chromium`, or set `CHROMIUM` to the program")
    })
}
