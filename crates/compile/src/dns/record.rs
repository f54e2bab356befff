//! The records of a zone, and who writes them.

use super::Target;
use super::lua::Answer;
use super::name::Name;
use sovereign_text::source::Span;

/// All records of one name and one type.
#[derive(Clone, Debug)]
pub struct RecordSet {
    /// The name.
    pub name: Name,
    /// How long others may keep the answer, in seconds.
    pub ttl: u32,
    /// What the name answers with.
    pub data: Data,
    /// Who keeps it up to date at run time.
    pub writer: Writer,
    /// The line that caused it.
    pub cause: Span,
    /// The table of that line, for people: `[[failover.application]] shop`.
    pub table: String,
}

impl RecordSet {
    /// Returns the records as PowerDNS reads them in a zone.
    pub fn lines(&self) -> Vec<String> {
        self.data.contents().iter().map(|content| self.line(self.data.kind(), content)).collect()
    }

    pub(super) fn line(&self, kind: &str, content: &str) -> String {
        format!("{} {} IN {kind} {content}", self.name.absolute(), self.ttl)
    }
}

/// What a name answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// The zone's own record.
    Soa(Soa),
    /// Name servers.
    Ns(Vec<Name>),
    /// Addresses.
    A(Vec<Target>),
    /// An address that PowerDNS works out for each question.
    Lua(Answer),
}

impl Data {
    /// Returns the type, as it is written.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Soa(_) => "SOA",
            Self::Ns(_) => "NS",
            Self::A(_) => "A",
            Self::Lua(_) => "LUA",
        }
    }

    /// Returns the records of the set as PowerDNS writes them.
    pub fn contents(&self) -> Vec<String> {
        match self {
            Self::Soa(soa) => vec![soa.text()],
            Self::Ns(servers) => servers.iter().map(Name::absolute).collect(),
            Self::A(targets) => targets.iter().map(|target| target.address.to_string()).collect(),
            Self::Lua(answer) => vec![answer.text()],
        }
    }

    /// Returns the order of the types of one name.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Soa(_) => 0,
            Self::Ns(_) => 1,
            Self::A(_) | Self::Lua(_) => 2,
        }
    }
}

/// The first record of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soa {
    /// The first name server.
    pub server: Name,
    /// The mailbox of who answers for it, with a dot for the at sign.
    pub mailbox: Name,
}

impl Soa {
    /// Where counting begins. PowerDNS counts from there (`soa_edit`).
    const SERIAL: u32 = 1;
    /// Refresh, retry, expire and the time that an absence may be kept, in seconds: PowerDNS's own defaults. The first three
    /// are for zone transfers, which a native zone has none of.
    const TIMERS: [u32; 4] = [10_800, 3600, 604_800, 3600];

    /// As it stands in a zone.
    pub fn text(&self) -> String {
        let [refresh, retry, expire, absence] = Self::TIMERS;
        format!(
            "{} {} {} {refresh} {retry} {expire} {absence}",
            self.server.absolute(),
            self.mailbox.absolute(),
            Self::SERIAL
        )
    }
}

/// Who writes a record at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Writer {
    /// The pool domain manager, which makes the zone.
    PoolManager,
    /// external-dns, from the routes and ingresses of the clusters.
    ExternalDns,
    /// The failover controller.
    FailoverController,
}

impl Writer {
    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PoolManager => "pool-domain-manager",
            Self::ExternalDns => "external-dns",
            Self::FailoverController => "failover-controller",
        }
    }
}

/// A part of a zone, which one writer keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// SOA, NS, the addresses of name servers, and the six.
    Frame,
    /// All other addresses.
    Addresses,
    /// What PowerDNS works out for each question: LUA.
    Computed,
}

impl Part {
    /// Returns the table of writers: every record has one (docs/decisions.md, 38).
    pub fn writer(self) -> Writer {
        match self {
            Self::Frame => Writer::PoolManager,
            Self::Addresses => Writer::ExternalDns,
            Self::Computed => Writer::FailoverController,
        }
    }
}
