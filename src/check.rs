//! The rules. Each is one file with one finding; its page stands in `docs/diagnostics/` and is what
//! `sovereign explain` prints. A rule takes data and gives diagnostics; it changes nothing and prints nothing.
//!
//! Four kinds, by what they look at: the texts ([`text`]), what is written ([`written`]), the plan ([`plan`]), and
//! the objects ([`objects`]).

pub mod absent_dependency;
pub mod crd_layer;
pub mod dangling_dependency;
pub mod dangling_reference;
pub mod dependency_cycle;
pub mod dependency_off;
pub mod duplicate_name;
pub mod duplicate_object;
pub mod duplicate_release;
pub mod duplicate_slot;
pub mod failover_mismatch;
pub mod leftover_placeholder;
pub mod mesh_id;
pub mod missing_platform;
pub mod missing_region_value;
pub mod missing_vcluster;
pub mod network_overlap;
pub mod not_text;
pub mod outside_registry;
pub mod placement_regions;
pub mod primary_region;
pub mod region_code;
pub mod reserved_name;
pub mod restricted_vcluster;
pub mod secret_literal;
pub mod self_dependency;
pub mod setting_without_effect;
pub mod too_long_name;
pub mod unknown_blueprint;
pub mod unknown_kit;
pub mod unknown_region;
pub mod unknown_size;
pub mod unmatched_node_selector;
pub mod unpinned_version;
pub mod unreadable_source;

use crate::diag::Diagnostics;
use crate::input::Input;
use crate::lower::Lowered;
use crate::manifest::Document;
use crate::plan::Plan;

/// Rules over the texts of an input, whatever they mean.
const TEXT: &[fn(&Input, &mut Diagnostics)] = &[leftover_placeholder::check, secret_literal::check];

/// Rules over what is written.
const WRITTEN: &[fn(&Document, &Input, &mut Diagnostics)] = &[unreadable_source::check];

/// Rules over the plan.
const PLAN: &[fn(&Plan<'_>, &mut Diagnostics)] = &[
    absent_dependency::check,
    dangling_dependency::check,
    dangling_reference::check,
    dependency_cycle::check,
    dependency_off::check,
    duplicate_name::check,
    duplicate_release::check,
    duplicate_slot::check,
    failover_mismatch::check,
    mesh_id::check,
    missing_platform::check,
    missing_region_value::check,
    missing_vcluster::check,
    network_overlap::check,
    placement_regions::check,
    primary_region::check,
    region_code::check,
    reserved_name::check,
    restricted_vcluster::check,
    self_dependency::check,
    setting_without_effect::check,
    too_long_name::check,
    unknown_blueprint::check,
    unknown_region::check,
    unknown_size::check,
    unmatched_node_selector::check,
    unpinned_version::check,
];

/// Rules over the objects.
const OBJECTS: &[fn(&Plan<'_>, &Lowered, &mut Diagnostics)] =
    &[crd_layer::check, duplicate_object::check, outside_registry::check];

/// Holds the texts of an input against the rules.
pub fn text(input: &Input, diags: &mut Diagnostics) {
    for rule in TEXT {
        rule(input, diags);
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

/// Holds objects against the rules.
pub fn objects(plan: &Plan<'_>, lowered: &Lowered, diags: &mut Diagnostics) {
    for rule in OBJECTS {
        rule(plan, lowered, diags);
    }
}
