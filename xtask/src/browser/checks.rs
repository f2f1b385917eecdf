//! What must hold of the page in a browser.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use camino::Utf8Path;
use fs_err as fs;
use serde_json::{Value, json};

use super::chromium::Chromium;
use crate::{failure::Failure, printer::Printer};

/// The longest that the page may take to open.
const WITHIN: Duration = Duration::from_secs(1);
/// The narrowest screen.
const NARROW: u32 = 360;

/// Opens and folds out everything.
const OPEN_ALL: &str = "document.querySelectorAll('details').forEach((one) => { one.open = true; }); \
    document.querySelectorAll('.panel').forEach((one) => one.classList.add('current'))";

pub(super) struct Look<'a> {
    pub(super) browser: &'a mut Chromium,
    pub(super) printer: &'a mut Printer,
}

impl Look<'_> {
    /// The page is one file: it asks for nothing else, and nothing is refused or fails in it.
    pub(super) fn loads_nothing_else(&mut self, name: &str, page: &str) -> Result<(), Failure> {
        let (_, asked) = self.browser.open(page)?;
        self.browser.evaluate(OPEN_ALL)?;
        self.hold(name, "asks for itself only", &json!(asked), &json!([page]))?;
        let complaints =
            [self.browser.seen("Log.entryAdded"), self.browser.seen("Runtime.exceptionThrown")].concat();
        self.hold(name, "has nothing to complain about", &json!(complaints), &json!([]))
    }

    pub(super) fn opens_at_once(&mut self, name: &str, page: &str) -> Result<(), Failure> {
        self.browser.show_as(1280, 900, "light")?;
        // the first time, the browser itself warms up
        self.browser.open(page)?;
        let (took, _) = self.browser.open(page)?;
        self.browser
            .evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")?;
        let bytes = self.browser.evaluate("document.documentElement.outerHTML.length")?;
        self.printer.result(format_args!("{name}: opens in {} ms, {bytes} characters", took.as_millis()));
        if took < WITHIN {
            return Ok(());
        }
        Err(Failure::new(format!("{name}: the page takes {} ms to open", took.as_millis())))
    }

    /// The policy is in force: neither a script, a style, an image nor a request that is not the page's own gets through.
    pub(super) fn keeps_its_policy(&mut self, name: &str, page: &str) -> Result<(), Failure> {
        self.browser.open(page)?;
        let tried = self.browser.evaluate(
            "(async () => {
                const tried = {};
                const wanted = new Set(['connect-src', 'img-src', 'style-src-attr', 'style-src-elem']);
                const violated = new Promise((done) => document.addEventListener('securitypolicyviolation', (event) => {
                    wanted.delete(event.effectiveDirective);
                    if (wanted.size === 0) done(true);
                }));
                try {
                    const script = document.createElement('script');
                    script.textContent = 'window.inline = 1';
                    document.head.append(script);
                } catch { tried.refused = true; }
                try { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.inline = 1\">'); } catch { tried.html = true; }
                const style = document.createElement('style');
                style.textContent = 'h1 { color: rgb(1, 2, 3) }';
                document.head.append(style);
                document.querySelector('h1').setAttribute('style', 'color: rgb(1, 2, 3)');
                const image = document.createElement('img');
                const failed = new Promise((done) => { image.onerror = () => done(true); image.onload = () => done(false); });
                image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=';
                tried.image = await failed;
                tried.fetch = await fetch('http://127.0.0.1:9/').then(() => false, () => true);
                tried.inline = window.inline ?? null;
                tried.color = getComputedStyle(document.querySelector('h1')).color === 'rgb(1, 2, 3)';
                tried.violated = await violated;
                return tried;
            })()",
        )?;
        let expected = json!({
            "refused": true, "html": true, "image": true, "fetch": true, "inline": null, "color": false,
            "violated": true,
        });
        self.hold(name, "keeps to its policy", &tried, &expected)
    }

    /// Nothing is wider than a narrow screen, with everything folded out.
    pub(super) fn fits(&mut self, name: &str, page: &str) -> Result<(), Failure> {
        for width in [NARROW, 768, 1280] {
            self.browser.show_as(width, 800, "light")?;
            self.browser.open(page)?;
            let closed = self.browser.evaluate("document.documentElement.scrollWidth")?;
            self.browser.evaluate(OPEN_ALL)?;
            let open = self.browser.evaluate("document.documentElement.scrollWidth")?;
            self.hold(name, "does not scroll sideways", &json!([closed, open]), &json!([width, width]))?;
        }
        Ok(())
    }

    /// Everything that can be operated has a name, and headings leave out no level.
    pub(super) fn names_everything(&mut self, name: &str, page: &str) -> Result<(), Failure> {
        self.browser.open(page)?;
        self.browser.call("Accessibility.enable", json!({}))?;
        let tree = self.browser.call("Accessibility.getFullAXTree", json!({}))?;
        self.browser.call("Accessibility.disable", json!({}))?;
        let nodes = tree["nodes"].as_array().cloned().unwrap_or_default();
        let operable = |node: &&Value| {
            let role = node["role"]["value"].as_str().unwrap_or_default();
            node["ignored"] == false
                && ["button", "link", "tab", "searchbox", "combobox", "DisclosureTriangle"].contains(&role)
        };
        let operated: Vec<&Value> = nodes.iter().filter(operable).collect();
        let unnamed = operated
            .iter()
            .filter(|node| node["name"]["value"].as_str().unwrap_or_default().trim().is_empty());
        self.hold(
            name,
            "names what can be operated",
            &json!([unnamed.count(), operated.is_empty()]),
            &json!([0, false]),
        )?;
        let skipped = self.browser.evaluate(
            "[...document.querySelectorAll('h1,h2,h3,h4,h5')].map((one) => Number(one.tagName[1]))
                .filter((level, at, all) => at > 0 && level > all[at - 1] + 2).length",
        )?;
        self.hold(name, "has headings in order", &skipped, &json!(0))
    }

    /// Hostile text is text: it runs nothing, makes no element and hides nothing.
    pub(super) fn is_only_text(&mut self, page: &str) -> Result<(), Failure> {
        self.browser.open(page)?;
        self.browser.evaluate(OPEN_ALL)?;
        let found = self.browser.evaluate(
            r"({
                pwned: window.pwned ?? null,
                scripts: document.scripts.length,
                styles: document.querySelectorAll('style, link').length,
                foreign: document.querySelectorAll('img, svg, iframe, object, embed, base, form, video, audio').length,
                handlers: [...document.querySelectorAll('*')].filter((one) => [...one.attributes].some((attribute) =>
                    attribute.name.startsWith('on') || attribute.name === 'style')).length,
                links: [...document.links].filter((link) => !/^(#[\w.-]+|\.\/[\w.\/%-]+)$/.test(link.getAttribute('href'))).length,
                hidden: /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/.test(document.body.textContent),
                shown: document.body.textContent.includes('</script></style></pre>') && document.body.textContent.includes('\\u{202e}gnp.exe'),
                calculated: document.body.textContent.includes('{{7*7}}'),
            })",
        )?;
        let expected = json!({
            "pwned": null, "scripts": 1, "styles": 1, "foreign": 0, "handlers": 0, "links": 0, "hidden": false,
            "shown": true, "calculated": true,
        });
        self.hold("hostile", "is text only", &found, &expected)
    }

    /// Links lead to turns, the search finds what was said, verdicts filter, and keys do what the page says.
    pub(super) fn is_used(&mut self, page: &str) -> Result<(), Failure> {
        self.browser.show_as(1280, 900, "light")?;
        self.browser.open(&format!("{page}#name-recall-turn-2"))?;
        let led = "(() => { const turn = document.getElementById('name-recall-turn-2'); const box = turn.getBoundingClientRect(); \
            return [turn.closest('details').open, box.height > 0, box.top >= 0 && box.top < innerHeight]; })()";
        self.expect("red", "leads to a turn", led, &json!([true, true, true]))?;
        self.browser.evaluate("document.getElementById('name-recall-turn-2-tab-wire').click()")?;
        let panels = "[...document.querySelectorAll('#name-recall-turn-2 .panel')].filter((one) => one.offsetHeight > 0).map((one) => one.id)";
        self.expect("red", "shows one step", panels, &json!(["name-recall-turn-2-wire"]))?;
        self.browser.evaluate("document.getElementById('name-recall-turn-2-tab-wire').focus()")?;
        self.browser.press("ArrowRight")?;
        self.expect("red", "goes on with an arrow", panels, &json!(["name-recall-turn-2-store"]))?;
        self.browser.evaluate("document.activeElement.blur()")?;
        self.browser.press("/")?;
        self.expect("red", "searches with a key", "document.activeElement.id", &json!("_search"))?;
        for key in ["f", "i", "l", "e", "-", "o", "n", "l", "y"] {
            self.browser.press(key)?;
        }
        let visible = "[...document.querySelectorAll('.canary')].filter((one) => one.offsetHeight > 0).map((one) => one.id)";
        self.expect("red", "finds a canary", visible, &json!(["file-only"]))?;
        self.browser.press("Escape")?;
        self.browser.evaluate("document.querySelector('[data-show=pass]').click()")?;
        let passed = "document.querySelectorAll('.canary.pass').length > 0 && [...document.querySelectorAll('.canary.pass')].every((one) => one.hidden)";
        self.expect("red", "filters by verdict", passed, &json!(true))?;
        let red = "[...document.querySelectorAll('.canary.fail')].every((one) => !one.hidden)";
        self.expect("red", "keeps the others", red, &json!(true))
    }

    /// Without scripts, everything can be read.
    pub(super) fn is_read_without_scripts(&mut self, page: &str) -> Result<(), Failure> {
        self.browser.call("Emulation.setScriptExecutionDisabled", json!({"value": true}))?;
        self.browser.open(page)?;
        let shown = "[document.documentElement.classList.contains('js'), document.querySelector('.controls').offsetHeight, \
            [...document.querySelectorAll('details[open].canary .panel')].every((one) => one.offsetHeight > 0), \
            document.querySelectorAll('details[open].canary .panel').length > 6]";
        let expected = json!([false, 0, true, true]);
        let done = self.expect("red", "is read without scripts", shown, &expected);
        self.browser.call("Emulation.setScriptExecutionDisabled", json!({"value": false}))?;
        done
    }

    pub(super) fn screenshots(
        &mut self,
        folder: &Utf8Path,
        red: &str,
        green: &str,
        bad: &str,
    ) -> Result<(), Failure> {
        let turn = format!("{red}#name-recall-turn-2");
        for (name, page, width, height, theme) in [
            ("red-light", red, 1200, 1700, "light"),
            ("red-dark", red, 1200, 1700, "dark"),
            ("turn-light", turn.as_str(), 1200, 1300, "light"),
            ("turn-dark", turn.as_str(), 1200, 1300, "dark"),
            ("turn-narrow", turn.as_str(), NARROW, 1500, "light"),
            ("red-narrow", red, NARROW, 1500, "dark"),
            ("green-light", green, 1200, 1000, "light"),
            ("hostile-light", bad, 1200, 2400, "light"),
        ] {
            self.browser.show_as(width, height, theme)?;
            self.browser.open(page)?;
            let shot = STANDARD.decode(self.browser.screenshot()?);
            let shot = shot.map_err(|error| Failure::new("the browser sent no image").because(error))?;
            fs::write(folder.join(format!("{name}.png")), shot)?;
        }
        Ok(())
    }

    fn expect(&mut self, name: &str, what: &str, expression: &str, expected: &Value) -> Result<(), Failure> {
        let found = self.browser.evaluate(expression)?;
        self.hold(name, what, &found, expected)
    }

    fn hold(&mut self, name: &str, what: &str, found: &Value, expected: &Value) -> Result<(), Failure> {
        if found == expected {
            self.printer.result(format_args!("{name}: {what}"));
            return Ok(());
        }
        Err(Failure::new(format!("{name}: not so: {what}"))
            .because(format_args!("expected {expected}, found {found}")))
    }
}
