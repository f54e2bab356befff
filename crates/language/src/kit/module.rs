//! The OpenTofu modules that make machines: a kit names those of its provisioner.

use crate::grammar::choice::choice;
use crate::grammar::location::Provider;

choice! {
    /// An OpenTofu module that makes machines, by its path in the provisioner's repository.
    Module, "a module of the provisioner" {
        /// The first one: Hetzner, one region a run.
        InfraHetzner "infra/hetzner",
        /// Hetzner, all of its regions in one run.
        ProvidersHetzner "infra/providers/hetzner",
        /// Huawei, all of its regions in one run.
        ProvidersHuawei "infra/providers/huawei",
    }
}

impl Module {
    /// The cloud whose machines it makes.
    pub fn cloud(self) -> Provider {
        match self {
            Self::InfraHetzner | Self::ProvidersHetzner => Provider::Hetzner,
            Self::ProvidersHuawei => Provider::Huawei,
        }
    }

    /// Whether each run makes one region, and not all of its list.
    pub fn makes_one(self) -> bool {
        self == Self::InfraHetzner
    }

    /// How many machines of the control plane it makes in a region that is not the first of its list, whose own number is
    /// `first`: a record has none (domain sections 8.1 and 8.2).
    pub fn control_planes_beside(self, first: i64) -> i64 {
        match self {
            // `ha_enabled` is about the first; every other one gets one machine.
            Self::InfraHetzner | Self::ProvidersHetzner => 1,
            // `huawei_control_plane_count` is about every region.
            Self::ProvidersHuawei => first,
        }
    }
}
