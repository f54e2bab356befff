//! How Flux reconciles a release: the blueprint says, and the tables of the manifest change it.

use std::collections::BTreeMap;

use sovereign_language::kit::{Blueprint, Installation, Upgrade};
use sovereign_language::manifest::BlueprintTable;
use sovereign_language::scalar::{LabelKey, LabelValue};
use sovereign_text::node::text;
use sovereign_text::source::Spanned;

/// The fields of a HelmRelease that say when and how Flux acts.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    /// How often Flux looks whether the release is as it should be.
    pub interval: Spanned<String>,
    /// How long a Helm action may take, where its kind does not say.
    pub timeout: Option<Spanned<String>>,
    /// How it is installed.
    pub install: Option<Installation>,
    /// How it is upgraded.
    pub upgrade: Option<Upgrade>,
    /// Whether Flux leaves it as it is.
    pub suspend: Option<Spanned<bool>>,
    /// Labels of the HelmRelease.
    pub labels: BTreeMap<String, Spanned<String>>,
}

impl Reconciliation {
    /// Returns what a blueprint says, changed by the tables that speak of it: the Sovereign's, then the region's.
    pub(super) fn new(blueprint: &Blueprint, tables: &[&BlueprintTable]) -> Self {
        let mut list = Self {
            interval: text(&blueprint.interval),
            timeout: blueprint.timeout.as_ref().map(text),
            install: blueprint.install.clone(),
            upgrade: blueprint.upgrade.clone(),
            suspend: blueprint.suspend,
            labels: BTreeMap::new(),
        };
        list.add_labels(&blueprint.labels);
        if let Some(into) = &blueprint.into {
            // The tree holds no namespaces of a vCluster, so Helm makes the one of the release.
            let install = list.install.get_or_insert_with(|| Installation::empty(into.span));
            install.create_namespace = install.create_namespace.or(Some(Spanned::new(true, into.span)));
        }
        for table in tables {
            list.change(table);
        }
        list
    }

    fn change(&mut self, table: &BlueprintTable) {
        if let Some(interval) = &table.interval {
            self.interval = text(interval);
        }
        if let Some(timeout) = &table.timeout {
            self.timeout = Some(text(timeout));
            // Who waits longer means each action, whatever the kit says of one of them.
            if let Some(install) = &mut self.install {
                install.timeout = install.timeout.as_ref().map(|_| timeout.clone());
            }
            if let Some(upgrade) = &mut self.upgrade {
                upgrade.timeout = upgrade.timeout.as_ref().map(|_| timeout.clone());
            }
        }
        if let Some(retries) = table.retries {
            self.install.get_or_insert_with(|| Installation::empty(retries.span)).retries = Some(retries);
            self.upgrade.get_or_insert_with(|| Upgrade::empty(retries.span)).retries = Some(retries);
        }
        self.suspend = table.suspend.or(self.suspend);
        self.add_labels(table.labels.as_ref().map_or(&[][..], |labels| &labels.value.0));
    }

    fn add_labels(&mut self, labels: &[(Spanned<LabelKey>, Spanned<LabelValue>)]) {
        self.labels.extend(labels.iter().map(|(key, value)| (key.value.as_str().to_owned(), text(value))));
    }
}
