//! The cloud providers: one file each, which declares everything that the compiler knows of it.
//!
//! A further provider is a file beside these, its `mod`, and a line in the list of [`Provider`]. Everything else asks its
//! [`Cloud`]; what else belongs to one provider alone is a key of the language or a variable of its module.

pub(crate) mod hetzner;
pub(crate) mod huawei;

mod aws;
mod azure;
mod contabo;
mod form;
mod gcp;
mod module;
mod oci;
mod region;
mod sizes;
mod storage;

pub use hetzner::{FAMILIES, MODULE_LOCATIONS, NetworkId, STORAGE_LOCATIONS, size_number};
#[cfg(test)]
mod tests;

pub use module::{ControlPlanes, Generation, ModuleFacts};
pub use region::{Region, RegionInLabel};
pub use sizes::Sizes;
pub use storage::StorageHosts;

use std::fmt;

use crate::scalar::choice::Choice;

/// What the compiler knows of a cloud provider. Which of it a kit has modules and claims for is said by the kit.
#[derive(Debug)]
pub struct Cloud {
    /// Its word in `sovereign.toml`.
    pub word: &'static str,
    /// The first part of names.
    pub code: &'static str,
    /// The first letter of location codes.
    pub letter: char,
    /// The regions that the naming convention has codes for. Where it has none, each region brings its own; nothing is
    /// invented.
    pub regions: &'static [Region],
    /// What stands for a region in the label of its nodes.
    pub region_in_label: RegionInLabel,
    /// The names of its machine sizes.
    pub sizes: Sizes,
    /// The annotation of Services whose value `"false"` makes its load balancers reach machines at public addresses.
    pub private_ip_annotation: Option<&'static str>,
    /// The storage classes that its driver brings, and no other (domain section 4.5).
    pub storage_classes: &'static [&'static str],
    /// The hosts of its object storage.
    pub object_storage: Option<StorageHosts>,
    /// The OpenTofu modules that make its machines. A kit names at most one of them.
    pub modules: &'static [ModuleFacts],
}

/// Declares [`Provider`] from the files of the providers, in the order to show.
macro_rules! providers {
    ($($variant:ident = $file:ident,)+) => {
        /// Who provides the machines.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Provider {
            $(#[doc = concat!("The provider that `", stringify!($file), ".rs` declares.")] $variant,)+
        }

        impl Provider {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns what is known of the provider.
            pub const fn cloud(self) -> &'static Cloud {
                match self { $(Self::$variant => &$file::CLOUD,)+ }
            }
        }

        impl Choice for Provider {
            const NAME: &'static str = "a provider";
            const WORDS: &'static [&'static str] = &[$($file::CLOUD.word,)+];

            fn from_word(word: &str) -> Option<Self> {
                Self::all().find(|provider| provider.cloud().word == word)
            }

            fn word(self) -> &'static str {
                self.cloud().word
            }
        }

        crate::schema::choice::shape_of_choice!(Provider);
    };
}

providers! {
    Hetzner = hetzner,
    Huawei = huawei,
    Oci = oci,
    Aws = aws,
    Gcp = gcp,
    Azure = azure,
    Contabo = contabo,
}

impl Provider {
    /// Returns every provider, in the order to show.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied()
    }

    /// Returns the provider whose driver alone brings a storage class.
    pub fn of_storage_class(class: &str) -> Option<Self> {
        Self::all().find(|provider| provider.cloud().storage_classes.contains(&class))
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Cloud {
    /// Returns the region of a name, if the naming convention has it.
    pub fn region(&self, name: &str) -> Option<&'static Region> {
        self.regions.iter().find(|region| region.is(name))
    }

    /// Returns the provider's own names of the regions that have codes.
    pub fn region_names(&self) -> impl Iterator<Item = &'static str> {
        self.regions.iter().flat_map(|region| region.names).copied()
    }
}
