//! The rules. Each is one file with one finding; its page stands in `docs/diagnostics/` and is what
//! `sovereign explain` prints. A rule takes data and gives diagnostics; it changes nothing and prints nothing.
//!
//! Four kinds, by what they look at: the texts ([`text`]), what is written ([`written`]), the plan ([`plan`]), and
//! the objects ([`objects`]).

pub mod absent_dependency;
pub mod backup_in_pair;
pub mod claim_refuses;
pub mod closed_port;
pub mod continuum_placement;
pub mod contradicting_value;
pub mod controller_field;
pub mod crd_layer;
pub mod dangling_dependency;
pub mod dangling_reference;
pub mod dependency_cycle;
pub mod dependency_off;
pub mod duplicate_name;
pub mod duplicate_node_port;
pub mod duplicate_object;
pub mod duplicate_release;
pub mod duplicate_slot;
pub mod empty_load_balancer;
pub mod failover_mismatch;
pub mod failover_needs;
pub mod foreign_region;
pub mod foreign_sovereign;
pub mod global_service;
pub mod host_without_backend;
pub mod host_without_certificate;
pub mod host_without_listener;
pub mod large_bucket;
pub mod late_failover;
pub mod lease_renewal;
pub mod leftover_placeholder;
pub mod lossy_replication;
pub mod mesh_id;
pub mod minted_secret;
pub mod missing_block;
pub mod missing_platform;
pub mod missing_region_value;
pub mod missing_vcluster;
pub mod module_refuses;
pub mod network_overlap;
pub mod not_text;
pub mod observed_address;
pub mod outside_registry;
pub mod own_registry;
pub mod own_standby;
pub mod pair_skew;
pub mod placement_regions;
pub mod primary_region;
pub mod promoter;
pub mod record_writer;
pub mod refused_by_api;
pub mod region_code;
pub mod region_index;
pub mod reserved_name;
pub mod restricted_vcluster;
pub mod secret_literal;
pub mod self_dependency;
pub mod setting_without_effect;
pub mod storage_mismatch;
pub mod too_long_name;
pub mod two_primaries;
pub mod uncertifiable_name;
pub mod unclaimable_region;
pub mod unguarded_shard;
pub mod unknown_blueprint;
pub mod unknown_kit;
pub mod unknown_region;
pub mod unknown_size;
pub mod unmatched_node_selector;
pub mod unpinned_version;
pub mod unprotected_standby;
pub mod unprovided_secret;
pub mod unreadable_source;
pub mod unsafe_text;
pub mod unusable_network;
pub mod witness_in_pair;
pub mod witness_resolvers;

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
    closed_port::check,
    continuum_placement::check,
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
    host_without_backend::check,
    large_bucket::check,
    late_failover::check,
    lease_renewal::check,
    lossy_replication::check,
    mesh_id::check,
    minted_secret::check,
    missing_block::check,
    missing_platform::check,
    missing_region_value::check,
    missing_vcluster::check,
    network_overlap::check,
    observed_address::check,
    own_registry::check,
    own_standby::check,
    pair_skew::check,
    placement_regions::check,
    primary_region::check,
    promoter::check,
    record_writer::check,
    refused_by_api::check,
    region_code::check,
    region_index::check,
    reserved_name::check,
    restricted_vcluster::check,
    self_dependency::check,
    setting_without_effect::check,
    storage_mismatch::check,
    too_long_name::check,
    two_primaries::check,
    uncertifiable_name::check,
    unclaimable_region::check,
    unguarded_shard::check,
    unknown_blueprint::check,
    unknown_region::check,
    unknown_size::check,
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
];

/// Rules over the objects of the platform, those of its tenants aside.
const OBJECTS: &[fn(&Plan<'_>, &Lowered, &mut Diagnostics)] = &[
    crd_layer::releases,
    host_without_listener::check,
    outside_registry::issuers,
    outside_registry::machines,
    host_without_certificate::check,
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
