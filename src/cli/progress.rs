//! A line on a terminal for what takes longer than a second: what is done, how much of it, for how long.
//!
//! Nobody else sees it: not a pipe, not a CI job, not a terminal that takes no control sequences. The line is gone before
//! anything else is written, and when the command ends.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// A person waits so long before asking what goes on (Nielsen: after one second the flow of thought is interrupted).
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(250);
/// Goes to the begin of the line, and clears what stands there.
const CLEAR: &[u8] = b"\r\x1b[K";

/// What a command tells of its work. Cheap to clone; one that nobody watches does nothing.
#[derive(Clone, Debug, Default)]
pub struct Progress(Option<Arc<Mutex<Line>>>);

#[derive(Debug)]
struct Line {
    /// The terminal.
    to: File,
    /// What goes on: `check`.
    words: &'static str,
    since: Instant,
    /// How many of how many manifests are done.
    count: Option<(usize, usize)>,
    /// Whether the line stands there.
    shown: bool,
    /// Whether something else stands in the line of the cursor.
    within: bool,
    /// Whether somebody else may be asked something there.
    paused: bool,
}

impl Progress {
    /// Says of how many manifests the work is.
    pub(super) fn begin(&self, of: usize) {
        if let Some(mut line) = self.line() {
            line.count = Some((0, of));
        }
    }

    /// Says that one more manifest is done.
    pub(super) fn one_more(&self) {
        if let Some(mut line) = self.line()
            && let Some((done, _)) = &mut line.count
        {
            *done += 1;
        }
    }

    /// Leaves the terminal to another program, which may ask something there: git, for a password or a key.
    pub(super) fn pause(&self) {
        if let Some(mut line) = self.line() {
            line.clear();
            line.paused = true;
        }
    }

    fn line(&self) -> Option<MutexGuard<'_, Line>> {
        self.0.as_ref().map(|line| line.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Line {
    fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            // Whoever reads it is gone where this fails.
            drop(self.to.write_all(CLEAR));
        }
    }

    fn draw(&mut self) {
        if self.within || self.paused {
            return;
        }
        let seconds = self.since.elapsed().as_secs();
        let words = match self.count {
            Some((done, of)) => format!("{}: {done} of {of} manifests, {seconds} s", self.words),
            None => format!("{}: {seconds} s", self.words),
        };
        let line = [CLEAR, words.as_bytes()].concat();
        self.shown = self.to.write_all(&line).is_ok();
    }
}

/// The thread that draws, until it is dropped.
#[derive(Debug)]
pub(super) struct Watched {
    progress: Progress,
    /// Dropped to end the thread.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watched {
    /// Watches a command that does `words` on the terminal that standard error is, and ends when this is dropped.
    pub(super) fn on_standard_error(words: &'static str) -> Self {
        let nobody = Self { progress: Progress::default(), end: None, thread: None };
        let Ok(to) = io::stderr().as_fd().try_clone_to_owned() else { return nobody };
        let (since, count) = (clock(), None);
        let line =
            Line { to: File::from(to), words, since, count, shown: false, within: false, paused: false };
        let progress = Progress(Some(Arc::new(Mutex::new(line))));
        let (end, ended) = channel();
        let watching = progress.clone();
        let thread = Builder::new().name("progress".to_owned()).spawn(move || watch(&watching, &ended));
        // A system without a thread to spare does the work in silence.
        Self { progress, end: Some(end), thread: thread.ok() }
    }

    /// Returns what the command tells.
    pub(super) fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
        if let Some(mut line) = self.progress.line() {
            line.clear();
        }
    }
}

fn watch(progress: &Progress, ended: &Receiver<()>) {
    let mut wait = PATIENCE;
    while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        wait = TICK;
        if let Some(mut line) = progress.line() {
            line.draw();
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a person waits is shown to that person, and is no output"
)]
fn clock() -> Instant {
    Instant::now()
}

/// A stream before which the line gives way.
pub(super) struct Before<'a> {
    to: &'a mut dyn Write,
    progress: Progress,
}

impl<'a> Before<'a> {
    pub(super) fn new(to: &'a mut dyn Write, progress: &Progress) -> Self {
        Self { to, progress: progress.clone() }
    }
}

impl Write for Before<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(mut line) = self.progress.line() else { return self.to.write(bytes) };
        line.clear();
        let written = self.to.write(bytes)?;
        if let Some(last) = bytes.get(..written).and_then(<[u8]>::last) {
            line.within = *last != b'\n';
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
