//! Wakes a media thread, with one system call for any number of commands that it has not seen yet.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
    sync::atomic::{AtomicBool, Ordering},
};

use nix::sys::eventfd::{EfdFlags, EventFd};

#[derive(Debug)]
pub(crate) struct Bell {
    descriptor: EventFd,
    rung: AtomicBool,
}

impl Bell {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Bell {
            descriptor: EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?,
            rung: AtomicBool::new(false),
        })
    }

    /// What becomes readable when the bell rings.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// Wakes the thread, after something was queued for it.
    pub(crate) fn ring(&self) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            // Fails only when it rang 2⁶⁴ times unheard, and then it rings anyway.
            let _ = self.descriptor.write(1);
        }
    }

    /// Silences the bell, before the queue is looked at: what is queued after this rings again.
    pub(crate) fn quiet(&self) {
        // Fails when it did not ring.
        let _ = self.descriptor.read();
        self.rung.swap(false, Ordering::AcqRel);
    }
}
