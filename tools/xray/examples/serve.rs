//! The service by itself, for a look by hand: `cargo run -p xray --example serve`.

use std::future::IntoFuture;

use tokio::net::{TcpListener, UdpSocket};
use xray::{Config, Store, router, udp};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::new(Config::default());
    // One port for both, as the daemon has it.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let daemon = UdpSocket::bind(address).await?;
    println!("export AWS_XRAY_DAEMON_ADDRESS={address} AWS_ENDPOINT_URL_XRAY=http://{address}");
    let receiver = tokio::spawn(udp::serve(daemon, store.clone()));
    let api = tokio::spawn(axum::serve(listener, router(store)).into_future());
    tokio::select! {
        ended = receiver => ended??,
        ended = api => ended??,
    }
    Ok(())
}
