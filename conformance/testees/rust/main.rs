//! Rust's standard library as a testee: mpsc's channels, threads and locks.
mod assay_sdk;
mod queue_ops;
mod supports;
mod thread_ops;

use assay_sdk::Adapter;

fn main() {
    let mut adapter = Adapter::new("Rust", env!("ASSAY_RUST_VERSION"), supports::SUPPORTS);
    queue_ops::add_to(&mut adapter);
    thread_ops::add_to(&mut adapter);
    std::process::exit(adapter.run());
}
