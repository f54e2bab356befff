//! Crossplane's providers, and in a layer of their own the ProviderConfigs that need their definitions.

use super::{Layer, Placed, origin, path, region_table};
use crate::object::{Meta, Provider, ProviderConfig, SecretKey};
use crate::plan::{Plan, Region, mirror};
use sovereign_language::kit::{CrossplaneProvider, kit_text};
use sovereign_text::node::text;
use sovereign_text::source::Spanned;

/// The API group of Crossplane's packages.
pub(crate) const GROUP: &str = "pkg.crossplane.io";

pub(super) fn lower(plan: &Plan<'_>, region: &Region<'_>) -> Vec<Placed> {
    if region.provider_of(GROUP).is_none() {
        return Vec::new();
    }
    let mut placed = Vec::new();
    for provider in &plan.kit.crossplane_providers {
        let here = provider.cloud.is_some_and(|cloud| plan.works_with(region, cloud.value));
        let (true, Some(name), Some(package)) = (here, &provider.name, &provider.package) else { continue };
        let package = mirror::pulled(plan.airgap.as_ref(), kit_text(package));
        placed.push(Placed {
            path: path(region, Layer::Providers, name.value.as_str()),
            layer: Layer::Providers,
            origin: origin(&format!("{}, kit {}", region_table(region), plan.kit.name)),
            object: Provider {
                meta: Meta::cluster(text(name)),
                package,
                config_group: config_group(provider),
            }
            .into(),
        });
        let configs = provider.configs.iter().flat_map(|configs| &configs.value);
        let (Some(api_version), Some(secret), Some(key)) =
            (&provider.api_version, &provider.secret, &provider.key)
        else {
            continue;
        };
        let (namespace, secret_name) = secret.value.parts();
        placed.extend(configs.map(|config| {
            Placed {
                path: path(
                    region,
                    Layer::Infrastructure,
                    &format!("{}-{}", name.value.as_str(), config.value.as_str()),
                ),
                layer: Layer::Infrastructure,
                origin: origin(&format!("{}, kit {}", region_table(region), plan.kit.name)),
                object: ProviderConfig {
                    meta: Meta::cluster(text(config)),
                    api_version: kit_text(api_version),
                    provider: text(name),
                    secret: SecretKey {
                        namespace: Spanned::new(namespace.to_owned(), secret.span),
                        name: Spanned::new(secret_name.to_owned(), secret.span),
                        key: kit_text(key),
                    },
                }
                .into(),
            }
        }));
    }
    placed
}

/// Returns the API group of what a provider is configured by.
fn config_group(provider: &CrossplaneProvider) -> Option<String> {
    let (group, _) = provider.api_version.as_ref()?.value.as_str().split_once('/')?;
    Some(group.to_owned())
}
