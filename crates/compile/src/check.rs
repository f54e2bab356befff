//! The rules. Each is one file with one finding; its page stands in `docs/diagnostics/` and is what
//! `sovereign explain` prints. A rule takes data and gives diagnostics; it changes nothing and prints nothing.
//!
//! Four kinds, by what they look at: the texts ([`text`]), what is written ([`written`]), the plan ([`plan`]), and
//! the objects ([`objects`]).

mod absent_dependency;
pub(crate) mod accept_unused;
mod backup_in_pair;
mod chart_twice;
mod claim_refuses;
mod closed_port;
mod continuum_placement;
mod contradicting_switch;
mod contradicting_value;
mod controller_field;
mod crd_layer;
mod dangling_dependency;
mod dangling_reference;
mod dependency_cycle;
mod dependency_off;
mod duplicate_name;
mod duplicate_node_port;
mod duplicate_object;
mod duplicate_release;
mod duplicate_slot;
mod empty_load_balancer;
mod failover_mismatch;
mod failover_needs;
mod flux_mismatch;
mod foreign_region;
mod foreign_sovereign;
mod global_service;
mod helm_too_old;
mod host_without_backend;
mod host_without_certificate;
mod host_without_listener;
mod input_type;
mod issuer_limit;
mod kit_object;
mod large_bucket;
mod late_definition;
mod late_failover;
mod lease_renewal;
mod leftover_placeholder;
mod local_state;
mod lossy_replication;
mod mesh_id;
mod minted_secret;
mod missing_block;
mod missing_input;
mod missing_platform;
mod missing_region_value;
mod missing_vcluster;
mod module_refuses;
mod network_overlap;
mod not_text;
mod observed_address;
mod outside_registry;
mod own_registry;
mod own_standby;
mod pair_skew;
mod placement_regions;
mod pod_security;
mod pool_zone;
mod primary_region;
mod production_issuer;
mod promoter;
mod record_writer;
mod refused_by_api;
mod region_code;
mod region_index;
mod reserved_name;
mod restricted_vcluster;
mod secret_literal;
mod self_dependency;
mod setting_without_effect;
mod shared_identity;
mod stopped_controller;
mod storage_mismatch;
mod too_long_name;
mod two_primaries;
mod uncertifiable_name;
mod unclaimable_region;
mod unguarded_shard;
mod unknown_blueprint;
mod unknown_input;
pub(crate) mod unknown_kit;
mod unknown_region;
mod unknown_repository;
mod unknown_size;
mod unknown_value;
mod unmade_reference;
mod unmade_service;
mod unmatched_node_selector;
mod unpinned_version;
mod unprotected_standby;
mod unprovided_secret;
mod unreadable_source;
mod unsafe_text;
mod unusable_network;
mod value_type;
mod witness_in_pair;
mod witness_resolvers;

pub use kit_object::{UnheldKind, unheld_kinds};
pub use not_text::report;

use crate::chart_values;
use crate::lower::{Lowered, Placed};
use crate::object::Identity;
use crate::plan::{Plan, Region};
use sovereign_language::input::Input;
use sovereign_language::manifest::Document;
use sovereign_text::diag::Diagnostics;
use sovereign_text::node::Node;
use sovereign_text::source::{Source, Span};

/// Rules over a text of an input, whatever it means.
const TEXT: &[fn(&Source, Option<&Node>, &mut Diagnostics)] =
    &[leftover_placeholder::check, secret_literal::check];

/// Rules over what is written.
const WRITTEN: &[fn(&Document, &Input, &mut Diagnostics)] = &[unreadable_source::check];

/// Rules over the plan.
const PLAN: &[fn(&Plan<'_>, &mut Diagnostics)] = &[
    absent_dependency::check,
    backup_in_pair::check,
    chart_twice::check,
    closed_port::check,
    continuum_placement::check,
    contradicting_switch::check,
    contradicting_value::check,
    controller_field::check,
    dangling_dependency::check,
    dangling_reference::check,
    dependency_cycle::check,
    dependency_off::check,
    duplicate_name::check,
    duplicate_node_port::check,
    duplicate_release::check,
    duplicate_slot::check,
    empty_load_balancer::check,
    failover_mismatch::check,
    failover_needs::check,
    foreign_region::check,
    foreign_sovereign::check,
    global_service::check,
    flux_mismatch::check,
    helm_too_old::check,
    host_without_backend::check,
    input_type::check,
    kit_object::check,
    large_bucket::check,
    late_definition::check,
    late_failover::check,
    lease_renewal::check,
    local_state::check,
    lossy_replication::check,
    mesh_id::check,
    minted_secret::check,
    missing_block::check,
    missing_input::check,
    missing_platform::check,
    missing_region_value::check,
    missing_vcluster::check,
    network_overlap::check,
    observed_address::check,
    own_registry::check,
    own_standby::check,
    pair_skew::check,
    placement_regions::check,
    pod_security::check,
    pool_zone::check,
    primary_region::check,
    production_issuer::check,
    promoter::check,
    record_writer::check,
    refused_by_api::check,
    region_code::check,
    region_index::check,
    reserved_name::check,
    restricted_vcluster::check,
    secret_literal::computed,
    self_dependency::check,
    setting_without_effect::check,
    shared_identity::check,
    stopped_controller::check,
    storage_mismatch::check,
    too_long_name::check,
    two_primaries::check,
    uncertifiable_name::check,
    unclaimable_region::check,
    unguarded_shard::check,
    unknown_blueprint::check,
    unknown_input::check,
    unknown_region::check,
    unknown_repository::check,
    unknown_size::check,
    unmade_reference::check,
    unmade_service::check,
    unmatched_node_selector::check,
    unpinned_version::check,
    unprotected_standby::check,
    unprovided_secret::check,
    unusable_network::check,
    witness_in_pair::check,
    witness_resolvers::check,
    // Last, since they are silent where another rule has spoken.
    claim_refuses::check,
    module_refuses::check,
    values,
];

/// What users wrote as Helm values is walked once, for both rules that look at it.
fn values(plan: &Plan<'_>, diags: &mut Diagnostics) {
    let faults = chart_values::faults(plan);
    unknown_value::check(&faults, diags);
    value_type::check(&faults, diags);
}

/// Rules over the objects of the platform, those of its tenants aside.
const OBJECTS: &[fn(&Plan<'_>, &Lowered, &mut Diagnostics)] = &[
    crd_layer::releases,
    host_without_listener::check,
    issuer_limit::check,
    outside_registry::issuers,
    outside_registry::machines,
    host_without_certificate::check,
    // Last, since it is silent where something is wrong.
    setting_without_effect::unread,
];

/// Rules over some objects of a region, or over those outside of regions: each object is looked at by itself.
const PLACED: &[OfPlaced] = &[crd_layer::check, outside_registry::check, unsafe_text::check];

/// One of them.
type OfPlaced = fn(&Plan<'_>, Option<&Region<'_>>, &[Placed], &mut Diagnostics);

/// Holds a text against the rules: as it is written, and as a value tree where it is TOML.
pub fn text(source: &Source, tree: Option<&Node>, diags: &mut Diagnostics) {
    for rule in TEXT {
        rule(source, tree, diags);
    }
}

/// Holds what is written against the rules.
pub fn written(written: &Document, input: &Input, diags: &mut Diagnostics) {
    for rule in WRITTEN {
        rule(written, input, diags);
    }
}

/// Holds a plan against the rules.
pub fn plan(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for rule in PLAN {
        rule(plan, diags);
    }
}

/// Holds the objects of the platform against the rules, and the names of all: `tenants` are those of Organizations in
/// each region, as [`placed`] gave them.
pub fn objects(plan: &Plan<'_>, platform: &Lowered, tenants: Vec<Vec<Named>>, diags: &mut Diagnostics) {
    for ((region, cluster), of_tenants) in plan.regions.iter().zip(&platform.clusters).zip(tenants) {
        let mut names = placed(plan, Some(region), &cluster.objects, diags);
        names.extend(of_tenants);
        duplicate_object::check(plan, region, names, diags);
    }
    placed(plan, None, &platform.shared, diags);
    for rule in OBJECTS {
        rule(plan, platform, diags);
    }
}

/// What tells an object from every other one of its cluster, and the place that gave its name.
pub type Named = (Identity, Span);

/// Holds some objects of a region (or of none) against the rules that look at one at a time, and gives their names.
pub fn placed(
    plan: &Plan<'_>,
    region: Option<&Region<'_>>,
    objects: &[Placed],
    diags: &mut Diagnostics,
) -> Vec<Named> {
    for rule in PLACED {
        rule(plan, region, objects, diags);
    }
    objects.iter().map(|placed| (placed.object.identity(), placed.object.meta().name.span)).collect()
}
