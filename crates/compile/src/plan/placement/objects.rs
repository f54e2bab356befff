//! The objects that a kit has beside its releases, in the regions where they stand.

use super::Placement;
use crate::plan::{KitObject, Release, kit_objects, mirror};
use sovereign_language::expression::Work;
use sovereign_language::kit::Runs;
use sovereign_language::manifest::Role;
use sovereign_text::diag::Diagnostics;

impl<'a> Placement<'_, 'a> {
    /// Returns the objects of the kit that stand here.
    pub(super) fn objects(&self, releases: &[Release<'_>], diags: &mut Diagnostics) -> Vec<KitObject<'a>> {
        let kit: &'a _ = self.plan.kit;
        let mut list = Vec::new();
        for file in kit.extension.objects.iter().filter(|file| kit_objects::is_served(file, releases)) {
            let is_here = match file.table.runs.map_or(Runs::Every, |runs| runs.value) {
                Runs::Every => true,
                Runs::Primary => self.region.role.value == Role::Primary,
                Runs::Secondary => self.region.role.value == Role::Secondary,
                Runs::Pair => self.in_pair(),
            };
            let mut work = Work::default();
            for (place, object) in file.objects.iter().flatten().enumerate().filter(|_| is_here) {
                let mut node = self.expressions.evaluate(object, &self.scope, &mut work, diags);
                if let Some(airgap) = &self.plan.airgap {
                    mirror::rewrite(&mut node, &airgap.registry);
                }
                list.push(KitObject { file, place, node });
            }
        }
        list
    }
}
