//! Registries: artifacts that are pulled from them and pushed there, by the OCI distribution specification 1.1.
//!
//! [`Registry`] is one host with its login; [`Registry::pull`] gives the one layer of an artifact, [`Registry::push`] makes one.
//! Whatever comes is held against its digest and has a bound, and every request has a time. Nothing here touches the disk or the
//! environment: whoever calls gives logins and certificates.
//!
//! The client is a blocking one over `ureq`, which needs 20 crates where `oci-client` needs 170 and a runtime: of the
//! specification a kit needs six requests.

mod address;
mod artifact;
mod error;
mod login;
mod registry;
mod transport;

pub use address::{Address, Reference};
pub use artifact::{Artifact, CHART, FLUX, Kind};
pub use error::RegistryError;
pub use login::{Login, Logins};
pub use registry::{Pulled, Registry};
pub use transport::Options;
