//! Why a registry gave nothing: words that name it and say what to do.

use std::fmt;
use std::time::Duration;

/// Why a registry gave nothing, or took nothing.
#[derive(Debug)]
pub enum RegistryError {
    /// It cannot be reached.
    Unreachable {
        /// Its host.
        host: String,
        /// Why.
        reason: String,
    },
    /// It did not answer in time.
    Silent {
        /// Its host.
        host: String,
        /// The time that it had.
        time: Duration,
    },
    /// It wants a login, and there is none.
    NeedsLogin(String),
    /// It refuses the login that there is.
    Refused {
        /// Its host.
        host: String,
        /// The number and words of its answer.
        answer: String,
    },
    /// There is no such artifact.
    Missing(String),
    /// It answered something else than it should.
    Unexpected {
        /// Its host.
        host: String,
        /// What was asked, and the answer.
        answer: String,
    },
    /// What came is not what its digest says.
    Tampered(String),
    /// It is larger than it may be.
    TooLarge {
        /// What.
        what: String,
        /// The most bytes that it may have.
        most: u64,
    },
    /// The artifact is of another kind.
    OtherKind {
        /// Where it is.
        what: String,
        /// The kind that was wanted.
        wanted: &'static str,
    },
    /// Logins or certificates cannot be read.
    Setup(String),
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable { host, reason } => write!(f, "cannot reach the registry {host}: {reason}"),
            Self::Silent { host, time } => {
                write!(f, "the registry {host} did not answer within {} s", time.as_secs())
            }
            Self::NeedsLogin(host) => {
                write!(
                    f,
                    "the registry {host} wants a login, and there is none; `docker login {host}` keeps one"
                )
            }
            Self::Refused { host, answer } => {
                write!(
                    f,
                    "the registry {host} refuses this login: {answer}; `docker login {host}` keeps another one"
                )
            }
            Self::Missing(what) => write!(f, "there is no {what}"),
            Self::Unexpected { host, answer } => write!(f, "the registry {host} answered {answer}"),
            Self::Tampered(what) => write!(f, "{what} is not what its digest says; nothing of it is kept"),
            Self::TooLarge { what, most } => {
                write!(f, "{what} is larger than {most} bytes; nothing of it is kept")
            }
            Self::OtherKind { what, wanted } => write!(f, "{what} is not {wanted}"),
            Self::Setup(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for RegistryError {}
