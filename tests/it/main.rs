//! All integration tests as one program: one link instead of many.

#[cfg(test)]
#[path = "../cases/case.rs"]
mod case;
#[cfg(test)]
mod charts;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod day_one;
#[cfg(test)]
mod diff;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod failover;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod flux;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod git;
#[cfg(test)]
mod hidden;
#[cfg(test)]
mod hook;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod moments;
#[cfg(test)]
mod needs;
#[cfg(test)]
mod pack;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod provision;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod references;
#[cfg(test)]
mod rollout;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod shards;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod structure;
#[cfg(test)]
mod tenants;
#[cfg(test)]
mod tutorial;
#[cfg(test)]
mod why;
#[cfg(test)]
mod write;
#[cfg(test)]
mod yaml;
