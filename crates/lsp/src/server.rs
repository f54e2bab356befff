//! The conversation: who asks, what is answered, and when findings are sent.

mod desk;
mod requests;

use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use ls_types::{InitializeParams, PublishDiagnosticsParams, Uri};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value as Json, json};

use crate::analysis::Analysis;
use crate::position::Encoding;
use crate::wire::{self, Incoming};
use crate::worker;
use desk::Desk;
use requests::Outcome;
use sovereign_language::kit::Kits;
use sovereign_store::kit_cache::KitCache;

/// How a conversation has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The client has said that it would, and then did.
    Orderly,
    /// The stream was closed, or `exit` came without `shutdown`.
    Abruptly,
}

/// What the server waits for.
#[derive(Debug)]
enum Event {
    Incoming(Incoming),
    Analysed(Box<Analysis>),
}

impl From<Incoming> for Event {
    fn from(incoming: Incoming) -> Self {
        Self::Incoming(incoming)
    }
}

impl From<Analysis> for Event {
    fn from(analysis: Analysis) -> Self {
        Self::Analysed(Box::new(analysis))
    }
}

/// Answers a client until it leaves. `input` is read by a thread of its own, which ends with the stream; `cache` has the kits
/// that were fetched.
///
/// # Errors
/// What is answered cannot be written.
pub fn serve(
    input: impl BufRead + Send + 'static,
    output: &mut dyn Write,
    cache: KitCache,
) -> io::Result<Ended> {
    let (to, events) = mpsc::channel();
    let reader = to.clone();
    let mut input = input;
    thread::Builder::new()
        .name("reader".to_owned())
        .spawn(move || wire::read::<Event>(&mut input, &reader))?;
    let mut server = Server { output, events, to, desk: None, cache, is_shut: false };
    server.run()
}

struct Server<'o> {
    output: &'o mut dyn Write,
    events: Receiver<Event>,
    to: Sender<Event>,
    /// Everything that is known of the client and its texts, from `initialize` on.
    desk: Option<Desk>,
    cache: KitCache,
    is_shut: bool,
}

impl Server<'_> {
    fn run(&mut self) -> io::Result<Ended> {
        while let Ok(event) = self.events.recv() {
            match event {
                Event::Incoming(Incoming::Closed) => break,
                Event::Incoming(Incoming::Broken(answer)) => wire::write(self.output, &answer)?,
                Event::Incoming(Incoming::Message(Message::Request(request))) => self.request(request)?,
                Event::Incoming(Incoming::Message(Message::Notification(notification))) => {
                    if notification.method == "exit" {
                        return Ok(if self.is_shut { Ended::Orderly } else { Ended::Abruptly });
                    }
                    if let Some(desk) = &mut self.desk {
                        desk.notified(notification);
                    }
                }
                // Nothing is asked of a client whose answer would matter.
                Event::Incoming(Incoming::Message(Message::Response(_))) => {}
                Event::Analysed(analysis) => self.analysed(*analysis)?,
            }
        }
        Ok(Ended::Abruptly)
    }

    fn request(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        let outcome = match (&mut self.desk, method.as_str()) {
            _ if self.is_shut => Err((ErrorCode::InvalidRequest, "the server was shut down".to_owned())),
            (None, "initialize") => self.initialize(params),
            (Some(_), "initialize") => Err((ErrorCode::InvalidRequest, "initialized already".to_owned())),
            (None, _) => Err((ErrorCode::ServerNotInitialized, "`initialize` comes first".to_owned())),
            (Some(_), "shutdown") => {
                self.is_shut = true;
                requests::said(())
            }
            (Some(desk), method) => desk.answer(method, params),
        };
        self.respond(id, outcome)
    }

    fn respond(&mut self, id: RequestId, outcome: Outcome) -> io::Result<()> {
        match outcome {
            Ok(result) => wire::result(&mut self.output, &id, &result),
            Err((code, words)) => {
                Message::Response(Response::new_err(id, code as i32, words)).write(&mut self.output)
            }
        }
    }

    fn initialize(&mut self, params: Json) -> Outcome {
        let params: InitializeParams = requests::read(params)?;
        let general = params.capabilities.general.as_ref();
        let encoding = Encoding::agreed(general.and_then(|general| general.position_encodings.as_deref()));
        let completion = params.capabilities.text_document.as_ref().and_then(|of| of.completion.as_ref());
        let item = completion.and_then(|completion| completion.completion_item.as_ref());
        let has_snippets = item.and_then(|item| item.snippet_support).unwrap_or_default();
        let kits = Arc::new(Kits::embedded());
        let (jobs, waiting) = mpsc::channel();
        let (worker_kits, cache, to) = (Arc::clone(&kits), self.cache.clone(), self.to.clone());
        let work = move || worker::work::<Event>(worker_kits, cache, encoding, &waiting, &to);
        let worker = thread::Builder::new().name("compiler".to_owned()).spawn(work);
        worker.map_err(|error| (ErrorCode::InternalError, format!("no thread to compile in: {error}")))?;
        self.desk = Some(Desk::new(encoding, has_snippets, kits, jobs));
        requests::said(requests::capabilities(encoding))
    }

    /// Takes what the compiler says, and tells the client of what it found, unless a newer text waits already.
    fn analysed(&mut self, analysis: Analysis) -> io::Result<()> {
        let Some(desk) = &mut self.desk else { return Ok(()) };
        for (uri, version, diagnostics) in desk.take(analysis) {
            let params = PublishDiagnosticsParams { uri, diagnostics, version };
            let notification = Notification::new("textDocument/publishDiagnostics".to_owned(), params);
            Message::Notification(notification).write(&mut self.output)?;
        }
        Ok(())
    }
}

/// What is sent of one file: its address, the version that was looked at, and what was found.
type Published = (Uri, Option<i32>, Vec<ls_types::Diagnostic>);

fn server_info() -> Json {
    json!({ "name": "sovereign", "version": env!("CARGO_PKG_VERSION") })
}
