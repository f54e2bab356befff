//! `[registry]`: what the Sovereign's Harbor allows, keeps and looks for.

use serde_json::{Value as Json, json};

use crate::scalar::choice::choice;
use crate::scalar::duration::Retention;
use crate::scalar::quantity::VolumeSize;
use crate::scalar::services::ProjectName;
use crate::scalar::storage::Schedule;
use crate::schema::{Count, table};
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Spanned;

choice! {
    /// How bad a vulnerability is, by the words of Harbor.
    Severity, "a severity" {
        /// Critical.
        Critical "critical",
        /// High.
        High "high",
        /// Medium.
        Medium "medium",
        /// Low.
        Low "low",
    }
}

choice! {
    /// Who may make projects.
    Creators, "who makes projects" {
        /// Administrators of the registry only.
        Administrators "administrators",
        /// Everybody who can log in.
        Everyone "everyone",
    }
}

table! {
    /// The policies of the Sovereign's registry. They hold in every region, since each has a Harbor of its own.
    RegistryTable {
        /// Who may make projects. Default: as Harbor is set.
        creators: Creators = optional,
        /// How much a new project may hold, unless it says otherwise. Default: as Harbor is set.
        quota: VolumeSize = optional,
        /// How long the token of a new robot account is valid, in whole days. Default: as Harbor is set.
        robot_lifetime: Retention = optional,
        /// When layers that nothing refers to are deleted: `hourly`, `daily`, `weekly`, or five cron fields.
        garbage_collection: Schedule = optional,
        /// The scanner. It runs where this table is given or a project asks for it.
        scanner: ScannerTable = optional,
        /// One table for each project that has policies. A project that is not there is made.
        project: Vec<Spanned<ProjectTable>> = optional,
    }
}

table! {
    /// What the scanner reports.
    ScannerTable {
        /// The least severity that it reports. Default `low`, and those of unknown severity.
        severity: Severity = optional,
        /// Whether it is silent about what has no fix yet. Default `false`.
        ignore_unfixed: bool = optional or false,
    }
}

table! {
    /// The policies of one project.
    ProjectTable {
        /// Its name, the first step of the path of its images.
        name: ProjectName = required,
        /// Whether everybody may pull without logging in. Default: as Harbor is set.
        public: bool = optional,
        /// Whether an image is scanned when it is pushed. Default: as Harbor is set.
        scan_on_push: bool = optional,
        /// Images with a vulnerability this bad or worse cannot be pulled. Default: as Harbor is set.
        prevent_vulnerable: Severity = optional,
        /// Whether only images with a signature of cosign can be pulled. Default: as Harbor is set.
        require_signature: bool = optional,
        /// How much it may hold; counts when the project is made. Default: `registry.quota`.
        quota: VolumeSize = optional,
        /// Which images are kept. Default: all.
        keep: KeepTable = optional,
    }
}

table! {
    /// Which images of a project are kept: all others are deleted. An image that one of the rules keeps is kept.
    KeepTable {
        /// The last ones that were pushed, in each repository.
        last: Count<1, 10_000> = optional,
        /// Those that were pushed within this time, in whole days.
        pushed_within: Retention = optional,
        /// Those that were pulled within this time, in whole days.
        pulled_within: Retention = optional,
        /// When the others are deleted: `hourly`, `daily`, `weekly`, or five cron fields. Default `daily`.
        schedule: Schedule = optional or "daily",
    }
    refine one_rule_at_least
}

/// The keys of [`KeepTable`] that are rules.
const RULES: [&str; 3] = ["last", "pushed-within", "pulled-within"];

fn one_rule_at_least(schema: &mut Json) {
    schema["anyOf"] = RULES.iter().map(|key| json!({ "required": [key] })).collect();
}

impl RegistryTable {
    /// Reports what is kept by no rule, and thereby deleted.
    pub fn check(&self, diags: &mut Diagnostics) {
        for project in self.project.iter().flat_map(|list| &list.value) {
            let Some(keep) = &project.value.keep else { continue };
            if !RULES.iter().any(|key| keep.value.states(key)) {
                diags.push(
                    Diagnostic::new(Code::MissingKey, keep.span, "no rule says which images are kept")
                        .note("every image would be deleted")
                        .help("add `last = 10`, `pushed-within = \"30d\"` or `pulled-within = \"30d\"`"),
                );
            }
        }
    }
}
