//! The objects that a kit has beside its releases, in the regions where they stand.

use super::Placement;
use crate::plan::{KitObject, Release, kit_objects, mirror};
use sovereign_language::expression::Work;
use sovereign_language::kit::ObjectFile;
use sovereign_text::diag::Diagnostics;

impl<'a> Placement<'_, 'a> {
    /// Returns the objects of the kit that stand here.
    pub(super) fn objects(&self, releases: &[Release<'_>], diags: &mut Diagnostics) -> Vec<KitObject<'a>> {
        let kit: &'a _ = self.plan.kit;
        let mut list = Vec::new();
        let is_here =
            |file: &ObjectFile| kit_objects::place(file, self.region.role, self.in_pair(), releases).is_ok();
        for file in kit.extension.objects.iter().filter(|file| is_here(file)) {
            let mut work = Work::default();
            for (place, object) in file.objects.iter().flatten().enumerate() {
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
