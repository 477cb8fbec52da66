//! The metrics this crate emits, one JSON object a line: `cargo run -p telemetry --example metrics`.

fn main() -> Result<(), telemetry::metrics::EmfError> {
    for metric in telemetry::metrics::own()? {
        println!("{}", metric.to_json());
    }
    Ok(())
}
