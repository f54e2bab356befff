//! All integration tests as one program: one link instead of many.

#[cfg(test)]
mod examples;
#[cfg(test)]
mod references;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod write;
#[cfg(test)]
mod yaml;
