//! What is known of the chart of a blueprint: what it brings, what it needs, and which of its values mean what.

use super::Text;
use super::secrets::{ProvidedSecret, RequiredSecret};
use crate::kit::condition::Condition;
use crate::reference::{ApiGroup, ImageRef, SecretId, ServiceId};
use crate::scalar::dns::Label;
use crate::scalar::name::ValuePath;
use crate::schema::table;
use sovereign_text::source::Spanned;

table! {
    /// A feature that the chart carries switched off or on.
    Gate {
        /// The name of the feature.
        feature: Label = required,
        /// The value that switches it.
        value: ValuePath = required,
        /// Its state unless `[blueprint.*] enabled` says otherwise.
        default: bool = required,
        /// When its state is the other one, unless `[blueprint.*] enabled` says otherwise.
        when: Condition = optional,
    }
}

table! {
    /// The two halves of a database, each in a region of its own.
    PairFacts {
        /// The value that says which half a release is.
        side: ValuePath = required,
        /// The value that holds the image of the database, which both halves must share.
        image: ValuePath = required,
        /// The values of the global Service between the halves, which must be equal.
        global_service: ValuePath = required,
        /// The name of the cluster that writes.
        primary_cluster: Label = required,
        /// The name of the cluster that follows.
        replica_cluster: Label = required,
    }
}

table! {
    /// The API of a Harbor: its projects and schedules stand in no value of a chart.
    RegistryApi {
        /// The Service that answers.
        service: ServiceId = required,
        /// The Secret with the administrator's password.
        secret: SecretId = required,
        /// The key in it.
        key: Text = required,
        /// The image with a shell and curl that calls the API.
        image: ImageRef = required,
    }
}

table! {
    /// A host that a blueprint publishes.
    PublishedHost {
        /// The label before the Sovereign's name: `console` for `console.<fqdn>`.
        host: Label = required,
        /// The Service behind it, as far as known.
        service: ServiceId = optional,
    }
}

table! {
    /// Something outside of the cluster that a release writes to: a directory of a bucket, a group of machines.
    Outside {
        /// What it is. Things of one word are held against each other.
        what: Text = required,
        /// A list of values, each of which names one. Without it the values of the release do.
        each: ValuePath = optional,
        /// The values that together tell it from others; the first one must be there.
        by: Vec<Spanned<ValuePath>> = required,
    }
}

table! {
    /// What a chart brings to its cluster, as far as known.
    Provided {
        /// API groups of custom resources.
        crds: Vec<Spanned<ApiGroup>> = optional,
        /// Secrets: `"namespace/name"`, or `{ secret = "namespace/name", keys = ["…"] }` where all keys are known.
        secrets: Vec<Spanned<ProvidedSecret>> = optional,
        /// Copies of those Secrets that bp-reflector makes in other namespaces.
        reflected: Vec<Spanned<SecretId>> = optional,
        /// Services, as `namespace/name` with perhaps `:port`.
        services: Vec<Spanned<ServiceId>> = optional,
        /// Whether its custom resources own the Secrets that they make: such a Secret goes with its owner.
        owned_secrets: bool = optional,
    }
}

table! {
    /// What a chart needs in its cluster, as far as known.
    Required {
        /// API groups of custom resources.
        crds: Vec<Spanned<ApiGroup>> = optional,
        /// API groups of custom resources that the chart renders only where their definitions are there already.
        crds_if_present: Vec<Spanned<ApiGroup>> = optional,
        /// Secrets: `"namespace/name"`, or `{ secret = "namespace/name", keys = ["…"] }`.
        secrets: Vec<Spanned<RequiredSecret>> = optional,
        /// Services, as `namespace/name` with perhaps `:port`.
        services: Vec<Spanned<ServiceId>> = optional,
    }
}
