//! All integration tests as one program: one link instead of many.

#[cfg(test)]
mod generate;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod write;
#[cfg(test)]
mod yaml;
