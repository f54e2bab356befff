//! Kits of one's own, written here without a line of Rust that knows them.

#[cfg(test)]
mod kit;
