//! Outcomes as JSON, for programs. Keys are stable: new ones may come, none changes its meaning.
//!
//! | key | holds |
//! |---|---|
//! | `version` | 1; another one if a key ever changes its meaning |
//! | `sovereign` | its domain name |
//! | `regions[]` | its regions: `name`, `label`, `role` |
//! | `without-address[]` | regions whose address is not known yet: no record leads there, and bounds count as if one did |
//! | `outcomes[]` | one for each loss |
//! | `….lost[]` | the lost regions |
//! | `….met` | whether every objective can be met, as far as a plan shows |
//! | `….clusters[]` | what goes down with each: `region`, the names of its `releases`, its `vclusters` |
//! | `….gone[]` | the releases that run nowhere any more: `release`, `regions` where they ran, whether they keep `data` |
//! | `….controller` | the failover controller: `state` (`lives`, `lost` or `off`), its `region` or `null` |
//! | `….name-servers` | who answers for the zone: `where` (`outside` or `inside`), and inside the regions `left` and `lost` |
//! | `….applications[]` | what becomes of each application |
//! | `….applications[].name`, `namespace`, `continuum` | the application; `continuum` is `null` where it has none |
//! | `….applications[].placement`, `primary`, `others[]` | where it runs |
//! | `….applications[].status` | `unaffected`, `degraded`, `moves`, `stranded` or `down` |
//! | `….applications[].target` | the standby that is to take over, or `null` |
//! | `….applications[].by` | who takes it there: `controller`, `nobody` (its record and its data move by themselves, if they do) or `null` |
//! | `….applications[].asked` | whether a person has to ask for it before its time begins |
//! | `….applications[].bound` | seconds until it answers everybody again; `null` if it does not without a person |
//! | `….applications[].steps[]` | of the controller: `step`, `seconds` or `null` if that depends on the data, `counts`, `call` |
//! | `….applications[].record` | seconds until its record drops dead addresses by itself, or `null` |
//! | `….applications[].promotion` | seconds until its data is promoted without the controller, or `null` |
//! | `….applications[].reasons[]` | why, in words: `standby-lost`, `no-standby`, `replica-lost`, `follower-lost`, `no-controller`, `no-quorum`, `region-lost`, `no-health-check`, `no-host`, `no-promoter`, `raft-waits`, `single-region`, `every-region-lost`, `data-lost` |
//! | `….applications[].witness` | `kind`, whether it `holds`, `quorums[]` with `of`, `voters`, `left`, `needed`; or `null` |
//! | `….applications[].loss` | `nothing`, `nothing-in-sync`, `lag`, `snapshot`, `unreplicated` or `everything` |
//! | `….applications[].rto`, `rpo` | `objective` in seconds and its `verdict` (`met`, `missed` or `not-known`), or `null` |
//! | `….hosts[]` | names of the zone: `name`, `application` or `null`, `ttl`, and the addresses `before`, `during`, `after`, each with `region`, `address` and whether it `lives` |
//! | `cannot-know[]` | what no outcome knows |

use serde_json::{Value as Json, json};

use super::application::StepTime;
use super::hosts::Answer;
use super::{
    AppImpact, CANNOT_KNOW, Controller, FailoverOutcome, Host, NameServers, Outcome, Simulation, Verdict,
    Witness, name,
};
use crate::plan::Plan;

/// The version of the document.
const VERSION: u32 = 1;

/// Returns one JSON document, and a final newline.
pub fn render(simulation: &Simulation<'_>, outcomes: &[Outcome<'_>]) -> String {
    let plan = simulation.plan;
    let regions = plan.regions.iter().map(|region| {
        json!({
            "name": region.name.value.as_str(),
            "label": region.label.value,
            "role": region.role.value.to_string(),
        })
    });
    let document = json!({
        "version": VERSION,
        "sovereign": plan.fqdn.value.as_str(),
        "regions": regions.collect::<Vec<_>>(),
        "without-address": simulation.without_address().collect::<Vec<_>>(),
        "outcomes": outcomes.iter().map(|outcome| of_outcome(plan, outcome)).collect::<Vec<_>>(),
        "cannot-know": CANNOT_KNOW,
    });
    format!("{document:#}\n")
}

fn of_outcome(plan: &Plan<'_>, outcome: &Outcome<'_>) -> Json {
    let names = |regions: &[usize]| regions.iter().map(|region| name(plan, *region)).collect::<Vec<_>>();
    let clusters = outcome.lost.regions(plan).map(|region| {
        json!({
            "region": region.name.value.as_str(),
            "releases": region.releases.iter().map(|r| r.blueprint.name.value.as_str()).collect::<Vec<_>>(),
            "vclusters": region.vclusters.iter().map(|tier| tier.value.to_string()).collect::<Vec<_>>(),
        })
    });
    let gone = outcome.gone.iter().map(|gone| {
        json!({
            "release": gone.blueprint.name.value.as_str(),
            "regions": names(&gone.regions),
            "data": gone.blueprint.stateful,
        })
    });
    let name_servers = match &outcome.name_servers {
        NameServers::Outside => json!({ "where": "outside" }),
        NameServers::Inside { left, lost } => {
            json!({ "where": "inside", "left": names(left), "lost": names(lost) })
        }
    };
    let (state, region) = match outcome.controller {
        Controller::Lives(region) => ("lives", Some(name(plan, region))),
        Controller::Lost(region) => ("lost", Some(name(plan, region))),
        Controller::Off => ("off", None),
    };
    json!({
        "lost": outcome.lost.regions(plan).map(|region| region.name.value.as_str()).collect::<Vec<_>>(),
        "met": outcome.is_met(),
        "clusters": clusters.collect::<Vec<_>>(),
        "gone": gone.collect::<Vec<_>>(),
        "controller": { "state": state, "region": region },
        "name-servers": name_servers,
        "applications": outcome.applications.iter().map(|fate| of_fate(plan, fate)).collect::<Vec<_>>(),
        "hosts": outcome.hosts.iter().map(|host| of_host(plan, outcome, host)).collect::<Vec<_>>(),
    })
}

fn of_fate(plan: &Plan<'_>, fate: &AppImpact<'_>) -> Json {
    let application = fate.application;
    let (mut record, mut promotion) = (None, None);
    match &fate.course {
        FailoverOutcome::Shrinks { dropped } => record = dropped.seconds(),
        FailoverOutcome::Unattended { record: flip, data, .. } => {
            record = flip.seconds();
            promotion = data.seconds();
        }
        FailoverOutcome::Unaffected
        | FailoverOutcome::Weakened(_)
        | FailoverOutcome::Switchover { .. }
        | FailoverOutcome::Blocked { .. }
        | FailoverOutcome::Down(_) => {}
    }
    let by = match fate.course {
        FailoverOutcome::Switchover { .. } | FailoverOutcome::Blocked { .. } => Some("controller"),
        FailoverOutcome::Unattended { .. } => Some("nobody"),
        FailoverOutcome::Unaffected
        | FailoverOutcome::Weakened(_)
        | FailoverOutcome::Shrinks { .. }
        | FailoverOutcome::Down(_) => None,
    };
    let others = application.others.iter().map(|seat| name(plan, seat.region));
    let continuum = application.has_continuum().then_some(application.continuum.value.as_str());
    let objective = |seconds: Option<u64>, verdict: Option<Verdict>| {
        Some(json!({ "objective": seconds?, "verdict": verdict?.name() }))
    };
    json!({
        "name": application.name.value.as_str(),
        "namespace": application.namespace.value.as_str(),
        "continuum": continuum,
        "placement": application.placement.value.to_string(),
        "primary": name(plan, application.primary.region),
        "others": others.collect::<Vec<_>>(),
        "status": fate.status().name(),
        "target": fate.target().map(|region| name(plan, region)),
        "by": by,
        "asked": fate.waits_for_request(),
        "bound": fate.bound(),
        "steps": fate.steps().iter().flatten().map(of_step).collect::<Vec<_>>(),
        "record": record,
        "promotion": promotion,
        "reasons": fate.course.reasons(),
        "witness": fate.witness.as_ref().map(of_witness),
        "loss": fate.loss.name(),
        "rto": objective(application.rto.as_ref().map(|rto| rto.value.seconds()), fate.rto()),
        "rpo": objective(application.rpo.as_ref().map(|rpo| rpo.value.seconds()), fate.rpo()),
    })
}

fn of_step(time: &StepTime) -> Json {
    json!({ "step": time.step.name(), "seconds": time.seconds, "counts": time.counts, "call": time.call })
}

fn of_witness(witness: &Witness) -> Json {
    let quorums = witness.quorums.iter().map(|quorum| {
        json!({ "of": quorum.of, "voters": quorum.voters, "left": quorum.left, "needed": quorum.needed() })
    });
    json!({
        "kind": witness.kind.map(|kind| kind.to_string()),
        "holds": witness.holds(),
        "quorums": quorums.collect::<Vec<_>>(),
    })
}

fn of_host(plan: &Plan<'_>, outcome: &Outcome<'_>, host: &Host) -> Json {
    let addresses = |list: &[Answer]| -> Vec<Json> {
        let address = |a: &Answer| json!({ "region": name(plan, a.region), "address": a.address.to_string(), "lives": a.lives });
        list.iter().map(address).collect()
    };
    let fate = host.application.and_then(|place| outcome.applications.get(place));
    json!({
        "name": host.name,
        "application": fate.map(|fate| fate.application.name.value.as_str()),
        "ttl": host.ttl,
        "before": addresses(&host.before),
        "during": addresses(&host.during),
        "after": addresses(&host.after),
    })
}
