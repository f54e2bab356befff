//! What a region asks for and its module is told once for all regions, as the first of them says.

use super::unread::of_clouds;
use crate::plan::{Plan, Region};
use crate::provision::{self, RegionCtx, Variable};
use sovereign_language::kit::Module;
use sovereign_language::scalar::CONTROL_PLANES;
use sovereign_language::schema::Entry;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::node::Node;
use sovereign_text::source::Span;

/// The variable that says in which of Huawei's regions all machines are made.
const HUAWEI_REGION: &str = "huawei_region";

/// A region that a module makes in another one's run.
struct Led<'p, 'a> {
    plan: &'p Plan<'a>,
    region: &'p Region<'a>,
    lead: &'p Region<'a>,
    module: Module,
}

/// Warns of what the first region of a run decides for the others.
pub(super) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        if let Some((module, lead)) = provision::module(plan, region).zip(provision::run_leader(plan, region))
        {
            let led = Led { plan, region, lead, module };
            let found = led.control_plane().into_iter().chain(led.keys()).chain(led.name());
            diags.extend(found);
        }
    }
}

impl Led<'_, '_> {
    fn control_plane(&self) -> Option<Diagnostic> {
        let Self { plan, region, module, .. } = self;
        let pool = region.written.control_plane.as_ref()?;
        let (asked, made) = (provision::machines(Some(pool)), provision::control_planes(plan, region));
        // Any other number is a mistake, here or in the first region, and reported as one.
        let are_right = [asked, made].iter().all(|count| CONTROL_PLANES.contains(count));
        if asked == made || !are_right {
            return None;
        }
        let machines = if made == 1 { "one machine" } else { &format!("{made} machines") };
        let name = &region.name.value;
        let message =
            format!("`{module}` makes {machines} of the control plane in `{name}`, whatever stands here");
        let found = self.found(pool.value.count.map_or(pool.span, |count| count.span), message);
        let help = if made == 1 { "leave out `count`".to_owned() } else { format!("write `count = {made}`") };
        Some(found.note("the list of regions that it gets has no such number").help(help))
    }

    /// Returns the keys for the module of which the lead has others.
    fn keys(&self) -> Vec<Diagnostic> {
        let tables: Vec<_> = of_clouds(self.region).collect();
        let keys = tables.iter().flat_map(|table| table.below().map(|key| (table.key, key)));
        let found = keys.filter_map(|(table, key)| {
            let (module, variable) = (self.module, self.overruled(key)?.name);
            let message = format!(
                "`{table}.{}` changes nothing: `{module}` has one `{variable}` for all regions",
                key.key
            );
            Some(self.found(key.span, message).help("write it in that region, or the same in both"))
        });
        found.collect()
    }

    /// Returns the variable that a key of the region gives, if the lead gives it another value. Of several
    /// the last one: where a key has a switch too, that comes before it.
    fn overruled(&self, key: &Entry) -> Option<&'static Variable> {
        let given = |variable: &&Variable| {
            let value = self.value(variable, self.region);
            value.is_some_and(|value| key.span.contains(value.cause)) && self.differs(variable)
        };
        provision::variables(self.module)
            .filter(|variable| !variable.is_of_all_regions())
            .filter(given)
            .last()
    }

    /// Huawei's region, where no key gives it and the name of the region would.
    fn name(&self) -> Option<Diagnostic> {
        let Self { region, lead, module, .. } = self;
        let variable = provision::variable_named(*module, HUAWEI_REGION)?;
        let written = region.written.huawei.as_ref().and_then(|table| table.value.region.as_ref());
        if written.is_some() || !self.differs(variable) {
            return None;
        }
        let of_lead = self.value(variable, lead);
        let message = format!(
            "`{module}` makes `{}` in `{}`, since it has one `{HUAWEI_REGION}` for all regions",
            region.name.value,
            of_lead.as_ref().and_then(Node::as_str).unwrap_or_default()
        );
        Some(self.found(region.name.span, message))
    }

    fn value(&self, variable: &Variable, region: &Region<'_>) -> Option<Node> {
        variable.value(&RegionCtx { plan: self.plan, region })
    }

    fn differs(&self, variable: &Variable) -> bool {
        let value = |region| self.value(variable, region).map(|value| value.to_json());
        value(self.region) != value(self.lead)
    }

    fn found(&self, span: Span, message: String) -> Diagnostic {
        let found = Diagnostic::new(Code::SettingWithoutEffect, span, message);
        found.related(self.lead.name.span, format!("`{}` runs with the file of this region", self.module))
    }
}
