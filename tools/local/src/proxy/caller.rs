//! Who is at the other end of a connection: faults hang up on it, or end it.

use std::{
    fs,
    net::{Shutdown, SocketAddr, TcpStream},
    os::fd::{AsFd as _, OwnedFd},
    sync::Arc,
};

use axum::{extract::connect_info::Connected, serve::IncomingStream};
use tokio::net::TcpListener;

use crate::stack;

/// A connection's other end.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    address: SocketAddr,
    /// The proxy's own end. None if no more files could be opened: then nobody hangs up.
    stream: Option<Arc<OwnedFd>>,
}

impl Connected<IncomingStream<'_, TcpListener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        let address = *stream.remote_addr();
        Self { address, stream: stream.io().as_fd().try_clone_to_owned().ok().map(Arc::new) }
    }
}

impl Caller {
    /// Closes the connection, whatever the caller still waits for.
    pub(super) fn hang_up(&self) {
        let Some(Ok(stream)) = self.stream.as_ref().map(|stream| stream.try_clone()) else { return };
        // A connection that is closed already is what was wanted.
        let _ = TcpStream::from(stream).shutdown(Shutdown::Both);
    }

    /// Ends the calling process as `kill -9` does, if it is one of the stack's own functions.
    pub(super) fn kill(&self, stack: &str) -> bool {
        let Some(socket) = socket_of(self.address) else { return false };
        let own = i32::try_from(std::process::id()).ok();
        let caller = stack::of(stack).into_iter().find(|pid| Some(*pid) != own && holds(*pid, &socket));
        caller.is_some_and(|pid| stack::kill(pid, stack))
    }
}

/// What `/proc/<pid>/fd` calls the socket that has this address as its own.
fn socket_of(address: SocketAddr) -> Option<String> {
    let SocketAddr::V4(address) = address else { return None };
    let local = format!("{:08X}:{:04X}", u32::from_ne_bytes(address.ip().octets()), address.port());
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    let entry = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let inode = entry.filter(|entry| entry.get(1) == Some(&local.as_str())).find_map(|entry| entry.get(9).copied())?;
    Some(format!("socket:[{inode}]"))
}

fn holds(pid: i32, socket: &str) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == socket))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_socket_is_found_by_its_address_and_belongs_to_its_process() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let socket = socket_of(stream.local_addr().unwrap()).unwrap();
        assert!(holds(i32::try_from(std::process::id()).unwrap(), &socket), "{socket}");
        assert!(!holds(1, &socket));
        assert_eq!(socket_of("127.0.0.1:1".parse().unwrap()), None);
    }
}
