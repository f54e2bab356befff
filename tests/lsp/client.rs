//! A client that says what it is told to, over the standard streams of the real program.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

/// How many requests were answered, and the methods of those.
pub(crate) static REQUESTS: AtomicUsize = AtomicUsize::new(0);
pub(crate) static METHODS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The requests of `textDocument` that change nothing and ask about a place, a range or a whole document.
pub(crate) const READING: [&str; 10] = [
    "completion",
    "hover",
    "definition",
    "implementation",
    "references",
    "prepareRename",
    "codeAction",
    "inlayHint",
    "documentSymbol",
    "foldingRange",
];

/// Whoever waits longer waits for ever.
const PATIENCE: Duration = Duration::from_mins(2);

/// One side of a conversation.
pub(crate) struct Client {
    child: Child,
    to: ChildStdin,
    from: Receiver<Json>,
    next: i64,
    version: i64,
    texts: BTreeMap<PathBuf, String>,
    waiting: VecDeque<Json>,
    /// What was said, if somebody wants to read it.
    pub(crate) record: RefCell<Option<Vec<(bool, Json)>>>,
}

/// The program: the one that was built with this test, or another one that is to be measured.
pub(crate) fn program() -> String {
    std::env::var("SOVEREIGN_LSP").unwrap_or_else(|_| env!("CARGO_BIN_EXE_sovereign").to_owned())
}

impl Client {
    /// Starts the program, and has said nothing yet.
    pub(crate) fn start() -> Self {
        let mut command = Command::new(program());
        command.args(["lsp", "--stdio"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        let to = child.stdin.take().expect("a stream");
        let out = child.stdout.take().expect("a stream");
        let (sender, from) = channel();
        std::thread::spawn(move || {
            let mut out = BufReader::new(out);
            while let Some(message) = read(&mut out) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            to,
            from,
            next: 0,
            version: 0,
            texts: BTreeMap::new(),
            waiting: VecDeque::new(),
            record: RefCell::default(),
        }
    }

    /// Starts the program and introduces itself: it counts as editors do, and fills in gaps.
    pub(crate) fn new() -> Self {
        Self::offering(json!(["utf-16"]))
    }

    pub(crate) fn offering(encodings: Json) -> Self {
        let mut client = Self::start();
        client.initialize(encodings);
        client
    }

    pub(crate) fn initialize(&mut self, encodings: Json) -> Json {
        let capabilities = json!({
            "general": { "positionEncodings": encodings },
            "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } },
        });
        let answer = self
            .ask("initialize", json!({ "processId": null, "rootUri": null, "capabilities": capabilities }));
        self.tell("initialized", json!({}));
        answer
    }

    /// Sends bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.to.write_all(bytes).expect("writes");
        self.to.flush().expect("writes");
    }

    pub(crate) fn send(&mut self, message: &Json) {
        if let Some(record) = &mut *self.record.borrow_mut() {
            record.push((true, message.clone()));
        }
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    /// Returns the next message.
    pub(crate) fn receive(&mut self) -> Json {
        let message = self.from.recv_timeout(PATIENCE).expect("an answer in time");
        if let Some(record) = &mut *self.record.borrow_mut() {
            record.push((false, message.clone()));
        }
        message
    }

    pub(crate) fn tell(&mut self, method: &str, params: Json) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks, and returns the whole answer.
    pub(crate) fn try_ask(&mut self, method: &str, params: Json) -> Json {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id {
                REQUESTS.fetch_add(1, Ordering::Relaxed);
                METHODS.lock().expect("no panic").insert(method.to_owned());
                return message;
            }
            self.waiting.push_back(message);
        }
    }

    /// Asks, and returns the result.
    pub(crate) fn ask(&mut self, method: &str, params: Json) -> Json {
        let mut answer = self.try_ask(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// Asks about a place in a text: behind the first `needle`, so many bytes from its beginning.
    pub(crate) fn ask_at(
        &mut self,
        method: &str,
        path: &Path,
        needle: &str,
        inside: usize,
        more: Json,
    ) -> Json {
        let params = self.params(path, needle, inside, more);
        self.ask(method, params)
    }

    pub(crate) fn params(&self, path: &Path, needle: &str, inside: usize, more: Json) -> Json {
        let mut params =
            json!({ "textDocument": { "uri": uri(path) }, "position": self.place(path, needle, inside) });
        if let (Some(params), Json::Object(more)) = (params.as_object_mut(), more) {
            params.extend(more);
        }
        params
    }

    /// Returns a place in an open text, as an editor counts.
    pub(crate) fn place(&self, path: &Path, needle: &str, inside: usize) -> Json {
        let text = &self.texts[path];
        let offset = text.find(needle).unwrap_or_else(|| panic!("{needle} is in the text")) + inside;
        position(text, offset)
    }

    /// Opens a text and returns what is found in it.
    pub(crate) fn open(&mut self, path: &Path, text: &str) -> Vec<Json> {
        self.version += 1;
        let document =
            json!({ "uri": uri(path), "languageId": "toml", "version": self.version, "text": text });
        self.texts.insert(path.to_owned(), text.to_owned());
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        self.found(path)
    }

    /// Changes a text as a whole, and does not wait.
    pub(crate) fn put(&mut self, path: &Path, text: &str) {
        self.changed(path, text, json!([{ "text": text }]));
    }

    pub(crate) fn changed(&mut self, path: &Path, text: &str, changes: Json) {
        self.version += 1;
        self.texts.insert(path.to_owned(), text.to_owned());
        let document = json!({ "uri": uri(path), "version": self.version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Changes a text as a whole, and returns what is found in it.
    pub(crate) fn change(&mut self, path: &Path, text: &str) -> Vec<Json> {
        self.put(path, text);
        self.found(path)
    }

    /// Replaces something in a text as an editor does it, and returns what is found.
    pub(crate) fn edit(&mut self, path: &Path, from: &str, to: &str) -> Vec<Json> {
        let text = self.texts[path].clone();
        let (start, end) = (self.place(path, from, 0), self.place(path, from, from.len()));
        let changed = text.replacen(from, to, 1);
        self.changed(path, &changed, json!([{ "range": { "start": start, "end": end }, "text": to }]));
        self.found(path)
    }

    pub(crate) fn open_text(&self, path: &Path) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    pub(crate) fn text(&self, path: &Path) -> &str {
        &self.texts[path]
    }

    /// Returns what is found in the newest version of a text, as soon as that is said.
    pub(crate) fn found(&mut self, path: &Path) -> Vec<Json> {
        let version = self.version;
        let published = self.published(path, |params| params["version"] == version);
        published["diagnostics"].as_array().expect("a list").clone()
    }

    /// Waits until something is said of a file.
    pub(crate) fn published(&mut self, path: &Path, is_meant: impl Fn(&Json) -> bool) -> Json {
        let of_file = |message: &Json| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == uri(path)
                && is_meant(&message["params"])
        };
        let start = Instant::now();
        loop {
            let found = self.waiting.iter().position(of_file);
            if let Some(message) = found.and_then(|place| self.waiting.remove(place)) {
                return message["params"].clone();
            }
            assert!(start.elapsed() < PATIENCE, "nothing is said of {}", path.display());
            let message = self.receive();
            self.waiting.push_back(message);
        }
    }

    /// Returns what else was said of findings so far, and forgets it.
    pub(crate) fn rest(&mut self) -> Vec<Json> {
        self.waiting.drain(..).collect()
    }

    /// Says goodbye, and returns the exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        assert_eq!(self.ask("shutdown", Json::Null), Json::Null);
        self.tell("exit", Json::Null);
        self.child.wait().expect("ends").code()
    }

    /// Goes without a word, and returns the exit code.
    pub(crate) fn leave(self) -> Option<i32> {
        let Self { mut child, to, .. } = self;
        drop(to);
        child.wait().expect("ends").code()
    }
}

pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// Returns a place as an editor counts: units of two bytes.
pub(crate) fn position(text: &str, offset: usize) -> Json {
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    json!({ "line": before.matches('\n').count(), "character": before[start..].encode_utf16().count() })
}

/// Returns the text between two places.
pub(crate) fn slice<'t>(text: &'t str, range: &Json) -> &'t str {
    &text[offset(text, &range["start"])..offset(text, &range["end"])]
}

pub(crate) fn offset(text: &str, place: &Json) -> usize {
    let number = |key: &str| usize::try_from(place[key].as_u64().expect("a number")).expect("small");
    let line: usize = text.split_inclusive('\n').take(number("line")).map(str::len).sum();
    let mut units = 0;
    for (at, c) in text[line..].char_indices() {
        if units >= number("character") {
            return line + at;
        }
        units += c.len_utf16();
    }
    text.len()
}

/// Makes edits of one text.
pub(crate) fn edited(text: &str, edits: &[Json]) -> String {
    let mut ranges: Vec<_> = edits
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            let place = offset(text, &range["start"])..offset(text, &range["end"]);
            (place, edit["newText"].as_str().expect("text"))
        })
        .collect();
    ranges.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = text.to_owned();
    for (range, new) in ranges {
        text.replace_range(range, new);
    }
    text
}

fn read(from: &mut BufReader<std::process::ChildStdout>) -> Option<Json> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        length = line.strip_prefix("Content-Length: ").and_then(|length| length.trim().parse().ok());
    }
    let mut body = vec![0; length?];
    from.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).expect("JSON"))
}
