#![doc = include_str!("../../../../docs/diagnostics/unusable-network.md")]

use crate::plan::{Plan, Region};
use sovereign_language::scalar::Cidr;
use sovereign_text::diag::{Code, Diagnostic, Diagnostics};
use sovereign_text::source::Spanned;

/// The network of Pods that the controller manager gives each node (k3s, `--cluster-cidr`; Kubernetes'
/// `node-cidr-mask-size`).
const OF_NODE: u8 = 24;
/// The smallest network of Services: sixteen addresses, since the tenth is that of the cluster's DNS (k3s, `--cluster-dns`).
const OF_SERVICES: u8 = 28;

/// Reports networks in which no Pod, Service or machine can be reached, and those without room.
pub(crate) fn check(plan: &Plan<'_>, diags: &mut Diagnostics) {
    for region in &plan.regions {
        let written = region.written;
        let networks = [
            ("Pods", &written.pod_cidr),
            ("Services", &written.service_cidr),
            ("machines", &written.network_cidr),
        ];
        for (what, network) in networks {
            diags.extend(network.as_ref().and_then(|network| misplaced(region, what, network)));
        }
        // One that is in the wrong place is to be written anew.
        let of_pods = written.pod_cidr.as_ref().filter(|pods| is_placed(pods.value));
        diags.extend(of_pods.and_then(|pods| crowded(region, pods)));
        let of_services = written.service_cidr.as_ref().filter(|services| is_placed(services.value));
        diags.extend(of_services.and_then(|services| small(region, services)));
    }
}

fn is_placed(network: Cidr) -> bool {
    network.is_private() && network.unroutable().is_none()
}

fn misplaced(region: &Region<'_>, what: &str, network: &Spanned<Cidr>) -> Option<Diagnostic> {
    let of = format!("{} (the {what} of `{}`)", network.value, region.name.value);
    let (message, why) = match network.value.unroutable() {
        Some(block) => {
            (format!("{of} has addresses that are for {block}"), "no machine sends such addresses on")
        }
        None if network.value.is_private() => return None,
        None => (
            format!("{of} has public addresses"),
            "whoever has these addresses cannot be reached from the cluster any more",
        ),
    };
    Some(
        Diagnostic::new(Code::UnusableNetwork, network.span, message)
            .note(why)
            .help("write a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, or leave the key out"),
    )
}

fn crowded(region: &Region<'_>, pods: &Spanned<Cidr>) -> Option<Diagnostic> {
    let pools = [&region.written.control_plane, &region.written.workers];
    let nodes: i64 =
        pools.into_iter().flatten().map(|pool| pool.value.count.map_or(1, |count| count.value.0)).sum();
    let room = OF_NODE.checked_sub(pods.value.prefix()).map_or(0, |bits| 1_i64 << bits);
    (room < nodes).then(|| {
        let message = format!(
            "{} (the Pods of `{}`) has room for {room} nodes, and there are {nodes}",
            pods.value, region.name.value
        );
        Diagnostic::new(Code::UnusableNetwork, pods.span, message)
            .note(format!("each node gets a /{OF_NODE} of it; a node without one stays NotReady"))
            .help("write a larger network, such as a /16, or leave the key out")
    })
}

fn small(region: &Region<'_>, services: &Spanned<Cidr>) -> Option<Diagnostic> {
    (services.value.prefix() > OF_SERVICES).then(|| {
        let message = format!(
            "{} (the Services of `{}`) has less than 16 addresses",
            services.value, region.name.value
        );
        Diagnostic::new(Code::UnusableNetwork, services.span, message)
            .note("the tenth is that of the cluster's DNS")
            .help("write a larger network, such as a /16, or leave the key out")
    })
}
