//! What switches a blueprint on and off: a table of its own, the one that governs it, or its gate.

use super::{Placement, edges};
use crate::plan::{Plan, Region};
use sovereign_language::expression::{Expressions, Scope};
use sovereign_language::kit::{Blueprint, Condition, Runs};
use sovereign_language::scalar::BpName;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::{Span, Spanned};

/// Returns how the one that governs a blueprint is switched: in each region in which something decides it, and on where nothing
/// does.
pub(crate) fn governed_states(plan: &Plan<'_>, name: &BpName) -> Vec<Spanned<bool>> {
    let Some(blueprint) = plan.kit.blueprint(name.as_str()) else { return Vec::new() };
    let Some(governor) = plan.kit.governor(name) else { return Vec::new() };
    let on = Spanned::new(true, governor.name.span);
    let expressions = Expressions::compile([], &[], &mut Diagnostics::new());
    let state = |(place, region): (usize, &Region<'_>)| {
        let scope = Scope::new(serde_json::Value::Null, Vec::new());
        let placement =
            Placement { plan, place, region, expressions: &expressions, scope, left_out: Vec::new() };
        placement.governed(blueprint).unwrap_or(on)
    };
    plan.regions.iter().enumerate().map(state).collect()
}

/// Returns whether a blueprint goes when it is switched off.
pub(super) fn is_switchable(blueprint: &Blueprint) -> bool {
    blueprint.gate.is_none() || blueprint.on_demand
}

impl Placement<'_, '_> {
    /// Returns what switches a blueprint: its own table, or else the switch of the one that governs it.
    pub(super) fn enabled(&self, blueprint: &Blueprint) -> Option<Spanned<bool>> {
        let own = self.tables(blueprint).iter().rev().find_map(|table| table.enabled);
        own.or_else(|| self.governed(blueprint))
    }

    /// Returns the state of the blueprint that governs another one, where something decides it. One that governs is governed by
    /// none.
    pub(super) fn governed(&self, blueprint: &Blueprint) -> Option<Spanned<bool>> {
        let governor = self.plan.kit.governor(&blueprint.name.value)?;
        let own = self.tables(governor).iter().rev().find_map(|table| table.enabled);
        own.or_else(|| self.gate_of(governor)).or_else(|| {
            let of_pair = governor.runs.value == Runs::Pair && self.database().is_some();
            (governor.on_demand && !of_pair).then_some(Spanned::new(false, governor.name.span))
        })
    }

    /// Returns the state of a gate that no table switches.
    pub(super) fn gate_of(&self, blueprint: &Blueprint) -> Option<Spanned<bool>> {
        let gate = blueprint.gate.as_ref()?;
        let other = gate.when.as_ref().filter(|when| when.value.holds(&self.choices(blueprint)));
        gate.default.map(|default| match other {
            Some(when) => Spanned::new(!default.value, self.cause_of_gate(&when.value, default.span)),
            None => default,
        })
    }

    /// Returns whether something that a blueprint waits for is switched off.
    pub(super) fn waits_in_vain(&self, blueprint: &Blueprint) -> bool {
        let tables = self.tables(blueprint);
        let needed =
            edges(blueprint, &tables).filter_map(|edge| self.plan.kit.blueprint(edge.value.as_str()));
        let is_off = |needed: &Blueprint| self.enabled(needed).is_some_and(|on| !on.value);
        needed.filter(|needed| is_switchable(needed)).any(is_off)
    }

    /// Returns where the region's own table switches a blueprint on.
    pub(super) fn asks_here(&self, blueprint: &Blueprint) -> Option<Span> {
        let named = &self.region.written.blueprint.as_ref()?.value;
        let (_, table) = named.0.iter().find(|(name, _)| name.value == blueprint.name.value.bare())?;
        table.value.enabled.filter(|on| on.value).map(|on| on.span)
    }

    /// Returns what turned a gate: an input of the kit, or else the line of `[failover]` that gives its mode, since no other
    /// condition turns one.
    fn cause_of_gate(&self, when: &Condition, default: Span) -> Span {
        let inputs = self.plan.inputs.as_map();
        let mut asked = when.inputs().filter_map(|(name, _)| inputs?.get(&name.value.fact()));
        let failover = self.plan.failover.as_ref().map(|failover| failover.mode.span);
        asked.next().map(|input| input.cause).or(failover).unwrap_or(default)
    }
}
