//! Options of sockets that no runtime offers.

use std::os::fd::AsFd;
use std::time::Duration;

use socket2::SockRef;

// The system would take megabytes off a server's hands that a slow reader has not read yet, and only
// every third of that is seen as progress. With this much, a reader of 2 kB/s is never taken for one
// that has stopped. Linux doubles it.
const UNSENT_BYTES: usize = 128 << 10;

/// Bounds what the system takes before the other side has it, so that a writer sees its progress. The
/// connections that a listener accepts inherit it.
pub fn limit_unsent(socket: &impl AsFd) {
    // Where it cannot be set, only the slowest readers are worse off.
    let _ = SockRef::from(socket).set_send_buffer_size(UNSENT_BYTES);
}

/// Makes closing this connection a reset, or a close again: for as long as content is under way whose
/// end is the close, so that no cut looks like that end, however the process ends.
pub fn reset_on_close(socket: &impl AsFd, resets: bool) {
    // Where it cannot be set, an ordinary close is left, and nothing better to do.
    let _ = SockRef::from(socket).set_linger(resets.then_some(Duration::ZERO));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, ErrorKind, Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};

    fn pair() -> io::Result<(TcpStream, TcpStream)> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        limit_unsent(&listener);
        let client = TcpStream::connect(listener.local_addr()?)?;
        Ok((client, listener.accept()?.0))
    }

    #[test]
    fn what_a_listener_accepts_takes_little_beyond_what_is_read() -> io::Result<()> {
        let (_client, server) = pair()?;
        assert!(SockRef::from(&server).send_buffer_size()? <= 2 * UNSENT_BYTES);
        Ok(())
    }

    #[test]
    fn a_close_is_a_reset_for_as_long_as_it_is_to_be() -> io::Result<()> {
        for resets in [true, false] {
            let (mut client, mut server) = pair()?;
            reset_on_close(&server, true);
            reset_on_close(&server, resets);
            server.write_all(b"part")?;
            drop(server);
            let read = client.read_to_end(&mut Vec::new()).map_err(|error| error.kind());
            assert_eq!(read, if resets { Err(ErrorKind::ConnectionReset) } else { Ok(4) });
        }
        Ok(())
    }
}
