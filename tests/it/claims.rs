//! Claims: what they hold against the table of parameters (domain section 8.4), where they stand, and who is told
//! nothing.
#![expect(clippy::disallowed_methods, reason = "these tests look at files of the repository")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value as Json, json};
use sovereign_compile::compile;
use sovereign_compile::tree::Tree;
use sovereign_language::input::Input;
use sovereign_language::kit::Kits;
use sovereign_text::diag::Diagnostics;
use sovereign_text::source::Source;

const KITS: [&str; 2] = ["2026.04", "2026.05"];

fn example() -> String {
    fs::read_to_string("examples/crossplane.toml").unwrap()
}

/// The tree of a manifest, and the names of its findings.
fn compiled(manifest: &str) -> (Tree, BTreeSet<&'static str>) {
    let source = Source::manifest("sovereign.toml", manifest.as_bytes().to_vec()).map_err(|(why, _)| why);
    let mut diags = Diagnostics::new();
    let tree = compile(&Input::new(source.unwrap()), &Kits::embedded(), &mut diags);
    let codes = diags.sorted().iter().map(|finding| finding.code.name()).collect();
    let tree = tree.unwrap_or_else(|_| panic!("{:#?}", diags.sorted()));
    (tree, codes)
}

/// The texts below a directory of the tree.
fn below<'a>(tree: &'a Tree, directory: &str) -> BTreeMap<&'a str, &'a str> {
    let all = tree.files().iter().map(|(path, text)| (path.as_str(), text.as_str()));
    all.filter(|(path, _)| path.starts_with(directory)).collect()
}

/// The objects of a directory, but its listing.
fn objects(tree: &Tree, directory: &str) -> Vec<Json> {
    let files = below(tree, directory).into_iter().filter(|(path, _)| !path.ends_with("kustomization.yaml"));
    files.map(|(_, text)| serde_saphyr::from_str(text).unwrap()).collect()
}

fn of_kind<'a>(claims: &'a [Json], kind: &str) -> Vec<&'a Json> {
    claims.iter().filter(|claim| claim["kind"] == kind).collect()
}

/// The table of parameters as schemas, by kind.
fn schema(kind: &str) -> Json {
    let name = json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{1,62}$" });
    let region = json!({ "enum": ["fsn1", "nbg1", "hel1", "ash", "hil"] });
    let size = json!({ "type": "string", "pattern": "^(cx|cpx|ccx)[0-9]{2}$" });
    let count = json!({ "type": "integer", "minimum": 0, "maximum": 100 });
    let range = json!({ "type": "string", "pattern": "^([0-9]{1,3}\\.){3}[0-9]{1,3}/[0-9]{1,2}$" });
    let number = json!({ "type": "string", "pattern": "^[0-9]+$" });
    let port = json!({ "type": "integer", "minimum": 1, "maximum": 65_535 });
    let text = json!({ "type": "string", "minLength": 1 });
    let reference = json!({ "type": "object", "required": ["name"], "additionalProperties": false,
        "properties": { "name": name, "namespace": { "const": "crossplane-system" } } });
    let (required, properties) = match kind {
        "RegionClaim" => (
            json!(["region", "provider", "skuCP", "skuWorker", "sshKeyName"]),
            json!({ "region": region, "provider": { "const": "hetzner" }, "skuCP": size, "skuWorker": size,
                "sshKeyName": text, "workerCount": count, "ipRange": range, "subnetIpRange": range }),
        ),
        "ClusterClaim" => (
            json!(["name", "regionRef", "k3sVersion"]),
            json!({ "name": name, "regionRef": reference,
                "k3sVersion": { "type": "string", "pattern": "^v[0-9]+\\.[0-9]+\\.[0-9]+\\+k3s[0-9]+$" },
                "tags": { "type": "object", "additionalProperties": text } }),
        ),
        "NodePoolClaim" => (
            json!(["name", "clusterRef", "sku", "role", "region"]),
            json!({ "name": name, "clusterRef": reference, "sku": size, "replicas": count, "region": region,
                "role": { "enum": ["worker", "control-plane"] }, "sshKeyName": text, "networkId": number }),
        ),
        "LoadBalancerClaim" => (
            json!(["name", "regionRef", "listeners"]),
            json!({ "name": name, "regionRef": reference, "region": region, "networkId": number,
                "sovereignFQDN": text, "loadBalancerType": { "enum": ["lb11", "lb21", "lb31"] },
                "algorithm": { "enum": ["round-robin", "least-conn"] }, "targets": { "type": "array" },
                "listeners": { "type": "array", "minItems": 1, "items": {
                    "type": "object", "required": ["port", "protocol", "targetPort"],
                    "additionalProperties": false,
                    "properties": { "port": port, "protocol": { "enum": ["tcp", "http", "https"] },
                        "targetPort": port } } } }),
        ),
        "PeeringClaim" => (
            json!(["regionAID", "regionBID", "cidrA", "cidrB"]),
            json!({ "name": name, "regionAID": number, "regionBID": number, "cidrA": range, "cidrB": range,
                "bidirectional": { "type": "boolean" } }),
        ),
        other => panic!("{other} is no claim"),
    };
    let parameters = json!({ "type": "object", "required": required, "properties": properties,
        "additionalProperties": false });
    let config = json!({ "const": { "name": "default-hcloud" } });
    json!({ "type": "object", "required": ["apiVersion", "kind", "metadata", "spec"], "properties": {
        "apiVersion": { "const": "compose.openova.io/v1alpha1" },
        "metadata": { "type": "object", "required": ["namespace"], "properties": {
            "name": name, "namespace": { "const": "crossplane-system" } } },
        "spec": { "type": "object", "required": ["parameters", "providerConfigRef"], "additionalProperties": false,
            "properties": { "parameters": parameters, "providerConfigRef": config } } } })
}

fn is_accepted(claim: &Json) -> bool {
    jsonschema::draft7::new(&schema(claim["kind"].as_str().unwrap())).unwrap().is_valid(claim)
}

#[test]
fn every_claim_is_one_that_the_table_accepts() {
    for kit in KITS {
        let (tree, _) = compiled(&example().replace("2026.05", kit));
        let claims = objects(&tree, "hel1/claims/");
        for claim in &claims {
            assert!(is_accepted(claim), "{kit}: {claim:#}");
        }
        let count = |kind| of_kind(&claims, kind).len();
        let counts =
            ["RegionClaim", "ClusterClaim", "NodePoolClaim", "LoadBalancerClaim", "PeeringClaim"].map(count);
        // The control plane of nbg1 has two machines besides its first.
        assert_eq!(counts, [2, 2, 3, 2, 1], "{kit}");
    }
}

/// The schemas above are no rubber stamps: each rule of the table refuses something.
#[test]
fn every_rule_of_the_table_refuses() {
    let (tree, _) = compiled(&example());
    let claims = objects(&tree, "hel1/claims/");
    let wrong: [(&str, &str, Json); 20] = [
        ("RegionClaim", "/spec/parameters/region", json!("sin")),
        ("RegionClaim", "/spec/parameters/provider", json!("huawei")),
        ("RegionClaim", "/spec/parameters/skuCP", json!("cax41")),
        ("RegionClaim", "/spec/parameters/skuWorker", json!("cpx4")),
        ("RegionClaim", "/spec/parameters/workerCount", json!(101)),
        ("RegionClaim", "/spec/parameters/sshKeyName", Json::Null),
        ("RegionClaim", "/spec/parameters/subnetIpRange", json!("10.0.1.0")),
        ("RegionClaim", "/metadata/namespace", json!("default")),
        ("ClusterClaim", "/spec/parameters/name", json!("Cluster")),
        ("ClusterClaim", "/spec/parameters/k3sVersion", json!("1.31.4")),
        ("ClusterClaim", "/spec/parameters/regionRef", json!({})),
        ("NodePoolClaim", "/spec/parameters/role", json!("edge")),
        ("NodePoolClaim", "/spec/parameters/replicas", json!(-1)),
        ("NodePoolClaim", "/spec/parameters/clusterRef", json!({})),
        ("LoadBalancerClaim", "/spec/parameters/loadBalancerType", json!("lb41")),
        ("LoadBalancerClaim", "/spec/parameters/algorithm", json!("round_robin")),
        ("LoadBalancerClaim", "/spec/parameters/listeners/0/protocol", json!("udp")),
        ("LoadBalancerClaim", "/spec/parameters/listeners", json!([])),
        ("PeeringClaim", "/spec/parameters/cidrA", json!("10.0.1.0")),
        ("PeeringClaim", "/spec/providerConfigRef/name", json!("other")),
    ];
    for (kind, place, value) in wrong {
        let mut claim = of_kind(&claims, kind)[0].clone();
        *claim.pointer_mut(place).unwrap_or_else(|| panic!("{kind} has no {place}")) = value;
        assert!(!is_accepted(&claim), "{claim:#}");
    }
}

#[test]
fn every_machine_is_claimed_once() {
    let (tree, _) = compiled(&example());
    let claims = objects(&tree, "hel1/claims/");
    for (region, control_planes, workers) in [("nbg1", 3, 3), ("fsn1", 1, 2)] {
        let of = |role: &str| -> i64 {
            let pools = of_kind(&claims, "NodePoolClaim").into_iter().map(|pool| &pool["spec"]["parameters"]);
            let here = pools.filter(|pool| pool["region"] == region && pool["role"] == role);
            here.map(|pool| pool["replicas"].as_i64().unwrap()).sum()
        };
        // The first machine of the control plane comes with the region, which asks for no worker.
        assert_eq!((1 + of("control-plane"), of("worker")), (control_planes, workers), "{region}");
    }
    for claim in of_kind(&claims, "RegionClaim") {
        assert_eq!(claim["spec"]["parameters"]["workerCount"], 0);
    }
    let told = below(&tree, "infrastructure/");
    assert!(told.contains_key("infrastructure/hel1/tofu.auto.tfvars.json"));
    for region in ["nbg1", "fsn1"] {
        assert!(!told.contains_key(format!("infrastructure/{region}/tofu.auto.tfvars.json").as_str()));
        assert!(told.contains_key(format!("infrastructure/{region}/bootstrap.yml").as_str()));
        assert!(!told["infrastructure/regions-hetzner.auto.tfvars.json"].contains(region));
    }
}

#[test]
fn only_the_primary_has_the_layer_and_it_waits_for_definitions_and_logins() {
    let (tree, _) = compiled(&example());
    let layer: Json = serde_saphyr::from_str(
        below(&tree, "hel1/flux-system/kustomization-claims").into_values().next().unwrap(),
    )
    .unwrap();
    let needed: BTreeSet<_> =
        layer["spec"]["dependsOn"].as_array().unwrap().iter().map(|n| n["name"].as_str().unwrap()).collect();
    assert_eq!(needed, BTreeSet::from(["infrastructure", "namespaces", "releases"]));
    for region in ["nbg1", "fsn1"] {
        assert!(below(&tree, &format!("{region}/claims")).is_empty());
        assert!(below(&tree, &format!("{region}/flux-system/kustomization-claims")).is_empty());
    }
}

#[test]
fn flux_keeps_what_has_machines_and_prunes_what_has_none() {
    let (tree, _) = compiled(&example());
    for claim in objects(&tree, "hel1/claims/") {
        let kept = claim["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/prune"] == "disabled";
        assert_eq!(kept, claim["kind"] != "PeeringClaim", "{claim:#}");
    }
}

/// The load balancer leads to the listeners of the Gateway, where a kit has one.
#[test]
fn the_load_balancer_leads_to_the_gateway() {
    for (kit, ports) in KITS.into_iter().zip([[31_080, 31_443], [30_080, 30_443]]) {
        let (tree, _) = compiled(&example().replace("2026.05", kit));
        let claims = objects(&tree, "hel1/claims/");
        let targets = |claim: &&Json| {
            let listeners = claim["spec"]["parameters"]["listeners"].as_array().unwrap().clone();
            listeners.iter().map(|listener| listener["targetPort"].as_i64().unwrap()).collect::<Vec<_>>()
        };
        let found: Vec<_> = of_kind(&claims, "LoadBalancerClaim").iter().map(targets).collect();
        assert!(found.iter().all(|found| found == &ports), "{kit}: {found:?}");
        for gateway in objects(&tree, "nbg1/gateway/").iter().filter(|object| object["kind"] == "Gateway") {
            for listener in gateway["spec"]["listeners"].as_array().unwrap() {
                assert!(ports.contains(&listener["port"].as_i64().unwrap()), "{listener}");
            }
        }
    }
}

#[test]
fn what_opentofu_makes_is_written_as_if_there_were_no_choice() {
    let silent = example().replace("managed-by = \"crossplane\"\n", "").replace("peers = [\"hel1\"]", "");
    let said = example().replace("\"crossplane\"", "\"opentofu\"").replace("peers = [\"hel1\"]", "");
    let (silent, said) = (compiled(&silent).0, compiled(&said).0);
    assert!(below(&silent, "hel1/claims").is_empty());
    // The lock has the digest of what was written.
    let bytes = |tree: &Tree| -> Vec<(String, String)> {
        let files = tree.files().iter().filter(|(path, _)| path.as_str() != "sovereign.lock");
        files.map(|(path, text)| (path.to_string(), text.clone())).collect()
    };
    assert_eq!(bytes(&silent), bytes(&said));
}

#[test]
fn what_waits_for_the_number_of_a_network_is_left_out_and_named() {
    let manifest = example().replace(", network-id = \"4712\"", "");
    let (tree, codes) = compiled(&manifest);
    assert_eq!(codes, BTreeSet::from(["missing-observed-fact"]));
    let claims = objects(&tree, "hel1/claims/");
    assert!(of_kind(&claims, "PeeringClaim").is_empty());
    for claim in claims.iter().filter(|claim| claim["kind"] == "NodePoolClaim") {
        let parameters = &claim["spec"]["parameters"];
        assert_eq!(parameters.get("networkId").is_some(), parameters["region"] == "fsn1", "{claim:#}");
        assert!(is_accepted(claim));
    }
}

#[test]
fn peers_are_joined_once_whoever_says_so() {
    let said = "name = \"hel1\"\nprovider = \"hetzner\"\n";
    let both = example().replacen(said, &format!("{said}peers = [\"nbg1\"]\n"), 1);
    assert_ne!(both, example());
    let spec = |manifest: &str| -> Vec<Json> {
        let claims = objects(&compiled(manifest).0, "hel1/claims/");
        of_kind(&claims, "PeeringClaim").into_iter().map(|claim| claim["spec"].clone()).collect()
    };
    assert_eq!(spec(&both), spec(&example()));
    let parameters = &spec(&both)[0]["parameters"];
    assert_eq!((&parameters["cidrA"], &parameters["cidrB"]), (&json!("10.0.1.0/24"), &json!("10.0.11.0/24")));
    assert_eq!((&parameters["regionAID"], &parameters["regionBID"]), (&json!("4711"), &json!("4712")));
}

/// Crossplane in a primary elsewhere needs the Provider of the claims there, and its Secret.
#[test]
fn a_primary_of_another_provider_gets_the_provider_of_its_claims() {
    let manifest = example()
        .replacen(
            "name = \"hel1\"\nprovider = \"hetzner\"",
            "name = \"me-east-215-a\"\nprovider = \"huawei\"",
            1,
        )
        .replacen(
            "size = \"cpx32\", count = 3 }\nworkers = { size = \"cpx42\"",
            "size = \"m7n.large.8\", count = 3 }\nworkers = { size = \"m7n.large.8\"",
            1,
        )
        .replace("peers = [\"hel1\"]", "");
    let (tree, _) = compiled(&manifest);
    assert_eq!(objects(&tree, "me-east-215-a/providers/").len(), 1);
    assert_eq!(objects(&tree, "me-east-215-a/infrastructure/").len(), 2);
    assert!(!objects(&tree, "me-east-215-a/claims/").is_empty());
}

#[test]
fn the_example_of_the_page_compiles() {
    let page = fs::read_to_string("docs/crossplane.md").unwrap();
    let blocks: Vec<_> =
        page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 1, "a block that nobody compiles");
    let (tree, codes) = compiled(blocks[0]);
    assert_eq!(codes, BTreeSet::new());
    for claim in objects(&tree, "hel1/claims/") {
        let name = claim["metadata"]["name"].as_str().unwrap();
        assert!(page.contains(&format!("| {} | `{name}` |", claim["kind"].as_str().unwrap())), "{name}");
    }
}
