//! Writers that know who reads: what a person no longer reads changes neither the work nor its exit code.

use std::io::{self, ErrorKind, Write};

/// A stream of ours.
///
/// When its reader goes away (`sovereign kit list | head`), the rest goes nowhere: the command still does its work
/// and ends with its own exit code, so that a build is not cut short by a pipe, and a bad manifest is never right
/// because nobody read why not.
pub struct Lenient<'a> {
    to: &'a mut dyn Write,
    /// Whether any fault is taken for a reader that went away.
    forgives: bool,
    gone: bool,
}

impl<'a> Lenient<'a> {
    /// Data: only a reader that went away is forgiven. On a full disk the output would be half of what it claims.
    pub fn data(to: &'a mut dyn Write) -> Self {
        Self { to, forgives: false, gone: false }
    }

    /// Words: whatever is wrong with the stream, there is nobody to tell.
    pub fn words(to: &'a mut dyn Write) -> Self {
        Self { to, forgives: true, gone: false }
    }

    fn forgive<T>(&mut self, outcome: io::Result<T>, instead: T) -> io::Result<T> {
        match outcome {
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) if self.forgives || error.kind() == ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(instead)
            }
            outcome => outcome,
        }
    }
}

impl Write for Lenient<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let outcome = if self.gone { Ok(bytes.len()) } else { self.to.write(bytes) };
        self.forgive(outcome, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let outcome = if self.gone { Ok(()) } else { self.to.flush() };
        self.forgive(outcome, ())
    }
}
