//! `when = { … }`: the closed set of facts that a part of a blueprint may depend on.

use crate::cloud::Provider;
use crate::manifest::{DomainMode, InputValue, Issuer, KeycloakTopology, Placement};
use crate::scalar::name::InputName;
use crate::schema::{Named, table};
use sovereign_text::node::Node;
use sovereign_text::source::{Span, Spanned};

/// Declares the facts: the keys of a [`Condition`], and what they are held against.
macro_rules! conditions {
    ($($(#[doc = $doc:literal])* $fact:ident: $ty:ty,)*) => {
        table! {
            /// Facts that must all hold. An empty table always holds.
            Condition {
                $($(#[doc = $doc])* $fact: $ty = optional,)*
                /// Inputs of the kit, each with the value that it must have.
                input: Named<InputName, InputValue> = optional,
            }
        }

        /// What a [`Condition`] is held against: the choices of one Sovereign, seen from one region, each with the place
        /// that made it. `None` is a choice that nobody had to make.
        #[derive(Clone, Copy, Debug)]
        pub struct Choices<'a> {
            $($(#[doc = $doc])* pub $fact: Option<Spanned<$ty>>,)*
            /// The inputs of the kit, by their names among the facts.
            pub inputs: &'a Node,
        }

        impl Condition {
            /// Returns whether every fact holds.
            pub fn holds(&self, choices: &Choices<'_>) -> bool {
                true $(&& is(self.$fact, choices.$fact))*
                    && self.inputs().all(|(wanted, value)| {
                        choices.input(&wanted.value).is_some_and(|given| given.to_json() == value.0.to_json())
                    })
            }

            /// Returns the places that made the choices on which it depends whether the facts hold.
            pub fn reads(&self, choices: &Choices<'_>) -> impl Iterator<Item = Span> + use<> {
                let read = [$(self.$fact.and(choices.$fact.map(|choice| choice.span)),)*];
                let inputs = self.inputs().filter_map(|(name, _)| Some(choices.input(&name.value)?.cause));
                let inputs: Vec<_> = inputs.collect();
                read.into_iter().flatten().chain(inputs)
            }
        }
    };
}

impl Condition {
    /// Returns the inputs that it asks for, each with the value that it must have.
    pub fn inputs(&self) -> impl Iterator<Item = (&Spanned<InputName>, &InputValue)> {
        let inputs = self.input.iter().flat_map(|named| &named.value.0);
        inputs.map(|(name, value)| (name, &value.value))
    }
}

impl<'a> Choices<'a> {
    fn input(&self, name: &InputName) -> Option<&'a Node> {
        self.inputs.as_map()?.get(&name.fact())
    }
}

conditions! {
    /// The Keycloak topology.
    identity: KeycloakTopology,
    /// The issuer.
    tls: Issuer,
    /// The domain mode.
    domain: DomainMode,
    /// The cloud of the region.
    provider: Provider,
    /// Whether the Sovereign is air-gapped.
    airgap: bool,
    /// Whether `[storage] object` is given.
    object_storage: bool,
    /// Whether `[storage] backup` is given.
    backup: bool,
    /// Whether `[identity] federation` is given.
    federation: bool,
    /// Whether the registry has a scanner.
    scanner: bool,
    /// Whether `[storage] class` is given.
    storage_class: bool,
    /// The mode of `[failover]`; holds for none without the table.
    failover: Placement,
    /// Whether the region is one of the two of a failover database.
    database: bool,
    /// Whether the region is one of the two between which the blueprint fails over by Raft.
    raft: bool,
    /// Whether `[flux] shards` is given.
    shards: bool,
    /// Whether Flux of the kit can end a health check as soon as there is a new commit: since 2.7.
    cancels_health_checks: bool,
    /// Whether the number of the region is another one than 0.
    further_region: bool,
    /// Whether the region has several machines for its control plane.
    several_control_planes: bool,
}

fn is<T: PartialEq>(wanted: Option<Spanned<T>>, given: Option<Spanned<T>>) -> bool {
    wanted.is_none_or(|wanted| given.is_some_and(|given| given.value == wanted.value))
}
