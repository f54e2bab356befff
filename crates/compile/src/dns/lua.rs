//! LUA records: what PowerDNS runs for each question.
//!
//! Measured with PowerDNS 4.7 and read in the source of 5: it cuts the text of a record at every double quote and
//! decodes no escape, so neither `"` nor `\` may stand in the code. Segments are joined with a space before version 5
//! and with nothing since, so a segment ends only where a space changes nothing.

use std::fmt::Write as _;

use super::Target;
use sovereign_language::scalar::WebUrl;

/// The type, as a number: PowerDNS takes it from the range for private use.
pub(crate) const TYPE: u16 = 65402;
/// The type of what is answered, as a number: A.
const ANSWERS: u16 = 1;
/// The longest character string of a record (RFC 1035, section 3.3).
const LONGEST: usize = 255;
/// The longest piece of a text in Lua, so that its quotes and the operator before it fit into a segment too.
const PIECE: usize = 240;

/// What a LUA record works out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The first addresses that a health check finds well (`ifurlup`).
    Probed(Probe),
    /// The address closest to who asks (`pickclosest`).
    Closest(Vec<Target>),
    /// One address for each who asks (`pickwhashed`).
    Hashed(Vec<Target>),
}

/// A health check and what it chooses from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What is asked of every address.
    pub url: WebUrl,
    /// How often, in seconds.
    pub interval: u64,
    /// How long an answer may take, in seconds.
    pub timeout: u64,
    /// How many checks in a row must fail before an address is taken for lost.
    pub failures: u64,
    /// The addresses: those of the first group that are well answer, and all of them where none is.
    pub groups: Vec<Vec<Target>>,
    /// Which of those that are well.
    pub pick: Pick,
}

/// Which addresses of those that are well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// All of them.
    All,
    /// The one closest to who asks.
    Closest,
    /// The same one for each who asks.
    Hashed,
}

impl Pick {
    /// PowerDNS's word. It has none for the first of a group; groups of one do that.
    fn selector(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Closest => "pickclosest",
            Self::Hashed => "hashed",
        }
    }
}

impl Answer {
    /// Returns every address that it may answer with, in their order.
    pub fn targets(&self) -> impl Iterator<Item = Target> {
        let groups = match self {
            Self::Probed(probe) => &probe.groups[..],
            Self::Closest(targets) | Self::Hashed(targets) => std::slice::from_ref(targets),
        };
        groups.iter().flatten().copied()
    }

    /// Returns the code in one piece.
    pub fn code(&self) -> String {
        self.tokens().concat()
    }

    /// Returns the content of the record as PowerDNS reads it: `A "…" "…"`.
    pub fn text(&self) -> String {
        let segments = self.segments();
        let quoted: Vec<_> = segments.iter().map(|segment| format!("\"{segment}\"")).collect();
        format!("A {}", quoted.join(" "))
    }

    /// Returns the content of the record in the form for unknown types (RFC 3597, section 5).
    pub fn generic(&self) -> String {
        let mut bytes = ANSWERS.to_be_bytes().to_vec();
        for segment in self.segments() {
            bytes.push(u8::try_from(segment.len()).unwrap_or(u8::MAX));
            bytes.extend(segment.bytes());
        }
        let mut text = format!("\\# {} ", bytes.len());
        for byte in bytes {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Returns the code in character strings.
    fn segments(&self) -> Vec<String> {
        let mut segments = vec![String::new()];
        for token in self.tokens() {
            match segments.last_mut() {
                Some(last) if last.len() + token.len() <= LONGEST => last.push_str(&token),
                _ => segments.push(token),
            }
        }
        segments
    }

    /// Returns the code in parts between which a space changes nothing, none longer than a segment.
    fn tokens(&self) -> Vec<String> {
        match self {
            Self::Probed(probe) => {
                let mut tokens = vec!["ifurlup(".to_owned()];
                tokens.extend(literal(probe.url.as_str()));
                tokens.push(", ".to_owned());
                match &probe.groups[..] {
                    [only] => tokens.extend(list(only, address)),
                    groups => {
                        tokens.push("{".to_owned());
                        for (index, group) in groups.iter().enumerate() {
                            tokens.extend((index > 0).then(|| ", ".to_owned()));
                            tokens.extend(list(group, address));
                        }
                        tokens.push("}".to_owned());
                    }
                }
                tokens.push(format!(", {{{}}})", probe.options()));
                tokens
            }
            Self::Closest(targets) => call("pickclosest", list(targets, address)),
            // Weights are what the function is for; these are all the same.
            Self::Hashed(targets) => {
                call("pickwhashed", list(targets, |target| format!("{{1, '{}'}}", target.address)))
            }
        }
    }
}

impl Probe {
    fn options(&self) -> String {
        let selector = if self.groups.iter().any(|group| group.len() > 1) {
            format!("selector='{}', ", self.pick.selector())
        } else {
            String::new()
        };
        let Self { interval, timeout, failures, .. } = self;
        format!("{selector}interval={interval}, timeout={timeout}, minimumFailures={failures}")
    }
}

fn call(function: &str, list: Vec<String>) -> Vec<String> {
    let mut tokens = vec![format!("{function}(")];
    tokens.extend(list);
    tokens.push(")".to_owned());
    tokens
}

fn address(target: &Target) -> String {
    format!("'{}'", target.address)
}

/// Returns a table of Lua.
fn list(targets: &[Target], item: impl Fn(&Target) -> String) -> Vec<String> {
    let mut tokens = vec!["{".to_owned()];
    for (index, target) in targets.iter().enumerate() {
        tokens.extend((index > 0).then(|| ", ".to_owned()));
        tokens.push(item(target));
    }
    tokens.push("}".to_owned());
    tokens
}

/// Returns a text in Lua, in pieces that fit into a segment. A URL has no `"`, `\`, `[` or `]`, so one of the
/// two ways to quote holds any.
fn literal(url: &str) -> Vec<String> {
    let (open, close) = if url.contains('\'') { ("[[", "]]") } else { ("'", "'") };
    let characters: Vec<char> = url.chars().collect();
    let pieces = characters.chunks(PIECE).map(|piece| piece.iter().collect::<String>());
    let quoted = pieces.map(|piece| format!("{open}{piece}{close}"));
    quoted.enumerate().map(|(index, piece)| if index > 0 { format!("..{piece}") } else { piece }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sovereign_language::scalar::Scalar as _;

    /// Answers of every length: URLs of different lengths, and one to four addresses.
    fn answers() -> impl Iterator<Item = Answer> {
        let target = |region: usize| {
            let address = std::net::Ipv4Addr::new(203, 0, 113, u8::try_from(region).expect("a byte"));
            Target { region, address }
        };
        (1..300).map(move |length| {
            let url = WebUrl::parse(&format!("https://example.com/{}", "a".repeat(length))).expect("a URL");
            let groups = (0..=length % 4).map(|region| vec![target(region)]).collect();
            Answer::Probed(Probe { url, interval: 5, timeout: 2, failures: 3, groups, pick: Pick::All })
        })
    }

    #[test]
    fn segments_hold_all_tokens_and_are_as_full_as_they_can_be() {
        for answer in answers() {
            let (segments, mut tokens) = (answer.segments(), answer.tokens().into_iter().peekable());
            assert_eq!(segments.concat(), answer.code());
            for segment in &segments {
                let mut length = 0;
                while length < segment.len() {
                    length += tokens.next().expect("a token").len();
                }
                assert_eq!(length, segment.len(), "a segment ends between two tokens");
                assert!(length <= LONGEST);
                assert!(tokens.peek().is_none_or(|next| length + next.len() > LONGEST), "{segment}");
            }
        }
    }

    #[test]
    fn some_segment_is_full_to_the_last_character() {
        assert!(answers().any(|answer| answer.segments().iter().any(|segment| segment.len() == LONGEST)));
    }
}
