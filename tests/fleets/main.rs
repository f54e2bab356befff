//! Many Sovereigns: one call over all of them, what a new kit comes to for each, waves through rings, and trees that exist.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod impact;
#[cfg(test)]
mod import;
#[cfg(test)]
mod many;
#[cfg(test)]
mod waves;
