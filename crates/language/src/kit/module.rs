//! The OpenTofu modules that make machines, as a kit names them. Their variables are the business of `provision`.

use std::fmt;

use serde_json::{Value as Json, json};

use crate::cloud::{ControlPlanes, Generation, ModuleFacts, Provider};
use crate::scalar::{Malformed, Scalar};
use sovereign_text::diag::suggest;

/// An OpenTofu module that makes machines. It is written as its path in the provisioner's repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Module {
    cloud: Provider,
    facts: &'static ModuleFacts,
}

impl Module {
    /// Returns every module, by cloud.
    pub fn all() -> impl Iterator<Item = Self> {
        Provider::all().flat_map(|cloud| cloud.cloud().modules.iter().map(move |facts| Self { cloud, facts }))
    }

    /// Returns the module of a path.
    pub fn of_path(path: &str) -> Option<Self> {
        Self::all().find(|module| module.facts.path == path)
    }

    /// Returns the cloud whose machines it makes.
    pub fn cloud(self) -> Provider {
        self.cloud
    }

    /// Returns what is known of it.
    pub fn facts(self) -> &'static ModuleFacts {
        self.facts
    }

    /// Returns whether each run makes one region, and not all of its list.
    pub fn makes_one(self) -> bool {
        self.facts.generation == Generation::First
    }

    /// Returns how many machines of the control plane it makes in a region that is not the first of its list, whose own
    /// number is `first`.
    pub fn control_planes_beside(self, first: i64) -> i64 {
        match self.facts.control_planes {
            ControlPlanes::OfFirst => 1,
            ControlPlanes::OfEach => first,
        }
    }
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.facts.path)
    }
}

fn paths() -> Vec<&'static str> {
    Module::all().map(|module| module.facts.path).collect()
}

impl Scalar for Module {
    const NAME: &'static str = "a module of the provisioner";
    const EXAMPLE: &'static str = "infra/providers/hetzner";

    fn schema() -> Json {
        json!({ "type": "string", "enum": paths() })
    }

    fn parse(text: &str) -> Result<Self, Malformed> {
        Self::of_path(text)
            .ok_or_else(|| Malformed::new(format!("is none of {}", suggest::list(paths(), 12))))
    }
}

#[cfg(test)]
mod tests {
    use super::Module;
    use crate::scalar::samples::agree;

    #[test]
    fn modules_are_those_that_a_cloud_declares() {
        agree::<Module>(&["infra/hetzner", "infra/providers/huawei"], &["", "infra", "infra/providers/aws"]);
        for module in Module::all() {
            assert_eq!(Module::of_path(&module.to_string()), Some(module));
            assert!(module.cloud().cloud().modules.contains(module.facts()), "{module}");
        }
    }
}
