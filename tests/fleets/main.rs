//! Many Sovereigns: one call over all of them, what a new kit comes to for each, waves through rings.

mod bench;
mod coverage;
mod impact;
mod many;
mod waves;
