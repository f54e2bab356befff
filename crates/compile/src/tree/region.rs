//! What a region keeps as long as it stands, as a line of the lock: it stands in no object, and the next tree must neither
//! change it nor give it to another region.

use std::fmt;
use std::str::FromStr;

use sovereign_language::scalar::{Cidr, Scalar};

/// What a region keeps. A field that an older lock does not have is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionFacts {
    /// Whether it is the primary.
    pub primary: bool,
    /// Its number, which its key and the defaults of all below follow from.
    pub index: Option<usize>,
    /// Its id in the mesh.
    pub mesh_id: Option<i64>,
    /// Its addresses of Pods.
    pub pods: Option<Cidr>,
    /// Its addresses of Services.
    pub services: Option<Cidr>,
    /// Its addresses of machines.
    pub network: Option<Cidr>,
}

impl RegionFacts {
    /// Returns the facts of a line: words, each with its value behind it.
    pub(super) fn parse(line: &str) -> Self {
        let mut facts = Self::default();
        let mut words = line.split(' ');
        while let Some((word, value)) = words.next().zip(words.next()) {
            match word {
                ROLE => facts.primary = value == PRIMARY,
                INDEX => facts.index = number(value),
                MESH_ID => facts.mesh_id = number(value),
                PODS => facts.pods = Cidr::parse(value).ok(),
                SERVICES => facts.services = Cidr::parse(value).ok(),
                NETWORK => facts.network = Cidr::parse(value).ok(),
                _ => {}
            }
        }
        facts
    }

    /// Returns its ranges of addresses, each with the word for it.
    pub fn ranges(&self) -> impl Iterator<Item = (&'static str, Cidr)> {
        let ranges = [(PODS, self.pods), (SERVICES, self.services), (NETWORK, self.network)];
        ranges.into_iter().filter_map(|(word, range)| Some((word, range?)))
    }
}

impl fmt::Display for RegionFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ROLE} {}", if self.primary { PRIMARY } else { "secondary" })?;
        if let Some(index) = self.index {
            write!(f, " {INDEX} {index}")?;
        }
        if let Some(id) = self.mesh_id {
            write!(f, " {MESH_ID} {id}")?;
        }
        self.ranges().try_for_each(|(word, range)| write!(f, " {word} {range}"))
    }
}

const ROLE: &str = "role";
const PRIMARY: &str = "primary";
const INDEX: &str = "index";
const MESH_ID: &str = "mesh-id";
const PODS: &str = "pods";
const SERVICES: &str = "services";
const NETWORK: &str = "network";

fn number<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}
