//! The page of `sovereign report` in Chromium: clicked, typed into, looked at.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value as Json, json};

use super::Needs;

pub(crate) const NEEDS: Needs = Needs { here: &["chromium"], packages: "chromium" };

/// A page in a browser without a screen, spoken with in the DevTools protocol over pipes.
struct Browser {
    program: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    calls: u64,
    /// What the browser said besides answers.
    events: Vec<Json>,
}

impl Browser {
    fn open(profile: &Path) -> Self {
        // Chromium takes calls from its descriptor 3 and answers on 4.
        let script = "exec chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
                      --hide-scrollbars --remote-debugging-pipe --user-data-dir=\"$0\" about:blank 3<&0 4>&1 0</dev/null 1>/dev/null";
        let mut program = Command::new("sh")
            .args(["-c", script])
            .arg(profile)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let to = program.stdin.take().expect("a pipe");
        let from = BufReader::new(program.stdout.take().expect("a pipe"));
        let mut browser = Self { program, to, from, session: None, calls: 0, events: Vec::new() };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    fn call(&mut self, method: &str, params: impl Into<Json>) -> Json {
        self.calls += 1;
        let params: Json = params.into();
        let mut call = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(session) = &self.session {
            call["sessionId"] = session.as_str().into();
        }
        self.to.write_all(format!("{call}\0").as_bytes()).expect("a browser that listens");
        loop {
            let said = self.next();
            if said["id"] == json!(self.calls) {
                assert!(said["error"].is_null(), "{method}: {}", said["error"]);
                return said["result"].clone();
            }
            self.events.push(said);
        }
    }

    fn next(&mut self) -> Json {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).expect("a browser that speaks");
        assert_eq!(bytes.pop(), Some(0), "the browser went away");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    fn go(&mut self, page: &Path, is_dark: bool) {
        self.events.clear();
        let scheme = if is_dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
        let size = json!({ "width": 1280, "height": 860, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
        self.call("Page.navigate", json!({ "url": format!("file://{}", page.display()) }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let said = self.next();
            self.events.push(said);
        }
    }

    /// What an expression gives in the page.
    fn value(&mut self, expression: &str) -> Json {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let said = self.call("Runtime.evaluate", params);
        assert!(said["exceptionDetails"].is_null(), "{expression}: {said}");
        said["result"]["value"].clone()
    }

    fn text(&mut self, selector: &str) -> String {
        self.value(&format!("document.querySelector({selector:?}).textContent"))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn click(&mut self, selector: &str) {
        let place = self.value(&format!(
            "(() => {{ const it = document.querySelector({selector:?}); it.scrollIntoView({{block: 'center', inline: 'center', behavior: 'instant'}}); \
             const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    fn key(&mut self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// A picture of the screen.
    fn picture(&mut self) -> Vec<u8> {
        let data = self.call("Page.captureScreenshot", json!({ "format": "png" }))["data"].clone();
        decoded(data.as_str().expect("a picture"))
    }

    /// Errors of scripts and of the policy, and every address that was asked for.
    fn complaints(&self) -> Vec<String> {
        let of = |event: &Json| match event["method"].as_str()? {
            "Runtime.exceptionThrown" | "Log.entryAdded" => Some(event.to_string()),
            "Network.requestWillBeSent" => {
                let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
                (!url.starts_with("file://")).then(|| url.to_owned())
            }
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(self.program.kill());
        drop(self.program.wait());
    }
}

fn decoded(base64: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => u32::from(c - b'A'),
        b'a'..=b'z' => u32::from(c - b'a') + 26,
        b'0'..=b'9' => u32::from(c - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for four in base64.trim_end_matches('=').as_bytes().chunks(4) {
        let word = four.iter().fold(0, |word, c| word << 6 | digit(*c)) << (6 * (4 - four.len()));
        bytes.extend_from_slice(&word.to_be_bytes()[1..four.len()]);
    }
    bytes
}

/// Where pictures go: into the docs when they are blessed.
fn pictures() -> PathBuf {
    let blesses = std::env::var_os("BLESS").is_some() && std::env::var_os("CI").is_none();
    let directory = if blesses {
        PathBuf::from("docs/pictures")
    } else {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures")
    };
    fs::create_dir_all(&directory).expect("a directory");
    directory
}

fn sovereign(args: &[&str], directory: &Path) {
    let run = Command::new(env!("CARGO_BIN_EXE_sovereign"))
        .args(args)
        .current_dir(directory)
        .output()
        .expect("runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

fn git(args: &[&str], directory: &Path) {
    let name = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
    let run = Command::new("git").args(name).args(args).current_dir(directory).output().expect("runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

pub(crate) fn the_page_is_read_clicked_and_searched() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path();
    // A tree is committed; then a release goes that keeps data, a value changes, and a name is hostile.
    let manifest = fs::read_to_string("examples/failover.toml").expect("an example");
    fs::write(at.join("sovereign.toml"), &manifest).expect("writes");
    git(&["init", "-q"], at);
    sovereign(&["build"], at);
    git(&["add", "."], at);
    git(&["commit", "-q", "-m", "A tree"], at);
    let hostile =
        "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 2'>\\\"{{ 7 * 7 }}";
    let changed = format!(
        "{manifest}\n[blueprint.coraza.values]\n\"{hostile}\" = \"{hostile}\"\n\n[blueprint.guacamole]\nenabled = false\n"
    );
    fs::write(at.join("sovereign.toml"), changed).expect("writes");
    sovereign(&["report", "--html", "page.html"], at);
    let text = fs::read_to_string(at.join("page.html")).expect("a page");
    assert!(!text.contains("<script>window") && !text.contains("<img"), "a name became markup");

    let mut browser = Browser::open(&at.join("profile"));
    let page = at.join("page.html");
    for is_dark in [false, true] {
        browser.go(&page, is_dark);
        let name = if is_dark { "report-dark" } else { "report" };
        fs::write(pictures().join(format!("{name}.png")), browser.picture()).expect("writes");
        browser.click("#dependencies .node[data-name=bp-cnpg]");
        let said = browser.text("#radius");
        assert!(said.contains("Until bp-cnpg is ready") && said.contains("bp-harbor"), "{said}");
        assert_eq!(browser.value("document.querySelectorAll('.node.chosen').length"), json!(1));
        browser.value("document.getElementById('dependencies').scrollIntoView({behavior: 'instant'})");
        let name = if is_dark { "dependencies-dark" } else { "dependencies" };
        fs::write(pictures().join(format!("{name}.png")), browser.picture()).expect("writes");
    }
    // By keyboard alone.
    browser.key("Escape", 27);
    browser.value("document.querySelector('#dependencies .node[data-name=bp-cilium]').focus()");
    browser.key("Enter", 13);
    assert!(browser.text("#radius").contains("Until bp-cilium is ready"));
    browser.key("ArrowRight", 39);
    assert_ne!(browser.value("document.activeElement.dataset.name"), json!("bp-cilium"));
    // Searched.
    browser.value("document.getElementById('search').focus()");
    browser.call("Input.insertText", json!({ "text": "harbor" }));
    browser.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    assert_eq!(
        browser.value("[...document.querySelectorAll('#runs tbody tr')].filter((row) => !row.hidden).length"),
        json!(1)
    );
    browser.key("Enter", 13);
    assert!(browser.text("#radius").contains("Until bp-harbor is ready"));
    browser.key("Escape", 27);
    // The change with a loss is first, and the hostile name is text.
    let rows = browser.value(
        "[...document.querySelectorAll('#changes tbody tr')].map((row) => row.className + row.textContent)",
    );
    assert!(rows[0].as_str().is_some_and(|row| row.starts_with("risk")), "{rows}");
    assert!(rows.to_string().contains("{{ 7 * 7 }}"), "{rows}");
    assert_eq!(browser.value("window.broken"), Json::Null);
    // What a screen reader is told.
    let tree = browser.call("Accessibility.getFullAXTree", json!({})).to_string();
    for words in ["bp-cilium, wave ", "What runs where", "If regions are lost"] {
        assert!(tree.contains(words), "{words}");
    }
    assert!(browser.complaints().is_empty(), "{:?}", browser.complaints());
}

/// 52 regions are 2,000 releases: a click and a letter take 70 ms with two frames, and less than half a second on a machine that is
/// busy with other things.
pub(crate) fn a_page_of_two_thousand_nodes_does_not_stutter() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path();
    let mut manifest = fs::read_to_string("examples/minimal.toml").expect("an example");
    for place in 1..52 {
        let _ = write!(
            manifest,
            "\n[[region]]\nname = \"r{place}\"\nprovider = \"hetzner\"\ncode = \"c{place}\"\nletter = \"x\"\ncontrol-plane = {{ size = \"cpx32\" }}\n"
        );
    }
    // Let's Encrypt does not issue as many certificates in a week.
    manifest.push_str("\n[tls]\nissuer = \"lets-encrypt-staging\"\n");
    fs::write(at.join("sovereign.toml"), manifest).expect("writes");
    sovereign(&["report", "--html", "page.html"], at);
    let mut browser = Browser::open(&at.join("profile"));
    browser.go(&at.join("page.html"), false);
    let nodes = browser.value("document.querySelectorAll('.graph .node').length");
    assert!(nodes.as_u64().is_some_and(|count| count >= 2000), "{nodes}");
    let script = "(async () => { const took = []; const frame = () => new Promise((done) => requestAnimationFrame(done)); \
        const act = [() => document.querySelector('.graph:not([hidden]) .node').dispatchEvent(new MouseEvent('click', {bubbles: true})), \
        () => document.querySelectorAll('.pick')[20].click(), \
        () => { const it = document.getElementById('search'); it.value = 'h'; it.dispatchEvent(new Event('input')); }]; \
        for (const go of act) { await frame(); const start = performance.now(); go(); await frame(); document.body.offsetHeight; await frame(); took.push(performance.now() - start); } \
        return Math.max(...took); })()";
    // The best of some: the machine does other things besides.
    let best = (0..10).filter_map(|_| browser.value(script).as_f64()).fold(f64::MAX, f64::min);
    assert!(best < 500.0, "{best} ms");
    assert!(browser.complaints().is_empty(), "{:?}", browser.complaints());
}
