//! `[[organization.environment.application]]`: an application, where it runs and what it needs.

use super::{OwnerTable, one_to_five_regions};
use crate::manifest::Placement;
use crate::scalar::choice::choice;
use crate::scalar::dns::Label;
use crate::scalar::identity::SecretName;
use crate::scalar::location::RegionName;
use crate::scalar::tenant::{
    AppBlueprint, AppName, AppResource, AppVersion, HealthPath, InstanceId, NamingTemplate, PortName,
    Recovery, Word,
};
use crate::schema::{Count, TextOr, Values, table};
use sovereign_text::source::Spanned;

choice! {
    /// What keeps an Application apart from the others of its Organization.
    Isolation, "a level of isolation" {
        /// A namespace.
        Namespace "namespace",
        /// A vCluster.
        Vcluster "vcluster",
    }
}

table! {
    /// An application of an environment.
    ApplicationTable {
        /// Its name, which begins its host name. In the default environment it is the name of the Application resource
        /// too; in another one that is `<name>-<env>`.
        name: AppName = required,
        /// What is installed.
        blueprint: BlueprintRefTable = required,
        /// `single-region` (default), `active-active` or `active-hotstandby`.
        placement: Placement = optional or "single-region",
        /// Its regions, of those of its environment; the first is its primary. Default: the first one with
        /// `single-region`, all otherwise.
        regions: Vec<Spanned<RegionName>> = optional,
        /// Values of the blueprint. Taken literally.
        parameters: Values = optional,
        /// How to ask whether it is well.
        health_check: HealthCheckTable = optional,
        /// The people who are responsible for it.
        owners: Vec<Spanned<OwnerTable>> = optional,
        /// What a loss may cost.
        topology: TopologyWishes = optional,
        /// The id of the instance; never changes.
        instance_id: InstanceId = optional,
        /// `namespace` (default) or `vcluster`.
        isolation_level: Isolation = optional or "namespace",
        /// How its objects are called.
        naming_template: NamingTemplate = optional,
        /// Whether the bootstrap owns it. Default false.
        bootstrap: bool = optional or false,
        /// The Helm release that it is, where one exists.
        helm_release: HelmReleaseRefTable = optional,
        /// The applications that it needs: of the same environment by their names, others as
        /// `{ name = "…", namespace = "…" }`.
        depends_on: Vec<Spanned<TextOr<AppName, NeedTable>>> = optional,
    }
    refine one_to_five_regions
}

table! {
    /// An application that another one needs.
    NeedTable {
        /// Its name: with a `namespace` that of the Application resource there, else that of an application of the same
        /// environment.
        name: AppResource = required,
        /// The namespace of the Application resource, which is its Organization's slug. Default: the same environment.
        namespace: Label = optional,
        /// The context that the platform looks it up in; the platform reads it.
        context: Word = optional,
    }
}

/// An application that another one needs, however that is written.
#[derive(Clone, Copy, Debug)]
pub struct Need<'a> {
    /// Its name.
    pub name: Spanned<&'a str>,
    /// The namespace of its resource; `None` for one of the same environment.
    pub namespace: Option<&'a Spanned<Label>>,
    /// The context that the platform looks it up in.
    pub context: Option<&'a Spanned<Word>>,
}

impl ApplicationTable {
    /// Returns the applications that it needs.
    pub fn needs(&self) -> impl Iterator<Item = Need<'_>> {
        let needs = self.depends_on.iter().flat_map(|list| &list.value);
        needs.filter_map(|need| match &need.value {
            TextOr::Text(name) => {
                Some(Need { name: Spanned::new(name.as_str(), need.span), namespace: None, context: None })
            }
            TextOr::Other(table) => Some(Need {
                name: table.name.as_ref()?.as_ref().map(AppResource::as_str),
                namespace: table.namespace.as_ref(),
                context: table.context.as_ref(),
            }),
        })
    }
}

table! {
    /// A blueprint in its exact version.
    BlueprintRefTable {
        /// Its full name, of any catalogue.
        name: AppBlueprint = required,
        /// Its version.
        version: AppVersion = required,
    }
}

table! {
    /// How to ask whether an application is well.
    HealthCheckTable {
        /// The path.
        path: HealthPath = required,
        /// The port, by its number or by the name that the container gives it.
        port: TextOr<PortName, Count<1, 65_535>> = required,
        /// How often, in seconds. Default 30.
        interval_seconds: Count<5, 300> = optional or 30,
        /// How long an answer may take, in seconds. Default 5.
        timeout_seconds: Count<1, 60> = optional or 5,
    }
}

table! {
    /// What the loss of a region may cost an application.
    TopologyWishes {
        /// Whether it is switched over without being asked. Default false.
        auto_failover: bool = optional or false,
        /// The time until it answers again.
        rto: Recovery = optional,
        /// The work that may be lost, as time.
        rpo: Recovery = optional,
        /// How many replicas run at least.
        min_replicas: Count<1, 9> = optional,
    }
}

table! {
    /// A Helm release.
    HelmReleaseRefTable {
        /// Its name.
        name: SecretName = optional,
        /// Its namespace.
        namespace: Label = optional,
    }
}
