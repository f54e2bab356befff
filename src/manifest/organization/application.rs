//! `[[organization.environment.application]]`: an application, where it runs and what it needs.

use super::{OwnerTable, one_to_five_regions};
use crate::grammar::choice::choice;
use crate::grammar::dns::Label;
use crate::grammar::identity::SecretName;
use crate::grammar::location::RegionName;
use crate::grammar::tenant::{
    AppBlueprint, AppName, AppVersion, HealthPath, InstanceId, NamingTemplate, Recovery,
};
use crate::manifest::Placement;
use crate::shape::{Count, Values, table};
use crate::source::Spanned;

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
        placement: Placement = optional,
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
        isolation_level: Isolation = optional,
        /// How its objects are called.
        naming_template: NamingTemplate = optional,
        /// Whether the bootstrap owns it. Default false.
        bootstrap: bool = optional,
        /// The Helm release that it is, where one exists.
        helm_release: HelmReleaseRefTable = optional,
        /// The applications of the same environment that it needs.
        depends_on: Vec<Spanned<AppName>> = optional,
    }
    refine one_to_five_regions
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
        /// The port.
        port: Count<1, 65_535> = required,
        /// How often, in seconds. Default 30.
        interval_seconds: Count<5, 300> = optional,
        /// How long an answer may take, in seconds. Default 5.
        timeout_seconds: Count<1, 60> = optional,
    }
}

table! {
    /// What the loss of a region may cost an application.
    TopologyWishes {
        /// Whether it is switched over without being asked. Default false.
        auto_failover: bool = optional,
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
