//! Takes every way out from the process that reads one document, where the kernel can.
//!
//! Its document comes through a pipe that is open by then, and reading needs no more than memory, three pipes and an end.
//! Landlock takes the file system, the network and other processes; a filter of system calls takes everything else. Each
//! works without the other; a kernel that knows neither leaves the limits on memory, time and files.

#[cfg(target_os = "linux")]
pub(in crate::sandbox) use linux::{few_calls, no_files};
#[cfg(not(target_os = "linux"))]
pub(in crate::sandbox) use others::{few_calls, no_files};

/// Only Linux knows how.
#[cfg(not(target_os = "linux"))]
mod others {
    pub(in crate::sandbox) fn no_files() -> std::io::Result<bool> {
        Ok(false)
    }

    pub(in crate::sandbox) fn few_calls() -> std::io::Result<bool> {
        Ok(false)
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;

    use landlock::{ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetStatus, Scope};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, apply_filter,
    };

    /// No path may be opened, made, changed or run, no port connected to, and no process outside signalled, by rules that
    /// allow nothing. Takes a file descriptor for a moment. Says whether the kernel knows how.
    ///
    /// # Errors
    /// When a kernel that knows how does not do it.
    pub(in crate::sandbox) fn no_files() -> io::Result<bool> {
        let abi = ABI::V6;
        let restricted = Ruleset::default()
            .handle_access(AccessFs::from_all(abi))
            .and_then(|rules| rules.handle_access(AccessNet::from_all(abi)))
            .and_then(|rules| rules.scope(Scope::from_all(abi)))
            .and_then(Ruleset::create)
            .and_then(landlock::RulesetCreated::restrict_self);
        Ok(restricted.map_err(io::Error::other)?.ruleset != RulesetStatus::NotEnforced)
    }

    /// Calls that memory, pipes, clocks and an end take. Every other one is refused with an error, as if by a lack of rights:
    /// none of them is needed for reading, and a library that tries one all the same goes on without.
    const CALLS: &[i64] = &[
        libc::SYS_brk,
        libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep,
        libc::SYS_close,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_fstat,
        libc::SYS_futex,
        libc::SYS_getpid,
        libc::SYS_getrandom,
        libc::SYS_gettid,
        libc::SYS_madvise,
        libc::SYS_mmap,
        libc::SYS_mprotect,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_restart_syscall,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sched_getaffinity,
        libc::SYS_sched_yield,
        libc::SYS_sigaltstack,
        libc::SYS_write,
        libc::SYS_writev,
    ];

    /// Only those calls from here on, and signals to nobody but this process itself, which is how it aborts. Says whether
    /// the kernel knows how.
    ///
    /// # Errors
    /// When a kernel that knows how does not do it.
    pub(in crate::sandbox) fn few_calls() -> io::Result<bool> {
        match filter().map(|program| apply_filter(&program)) {
            Err(seccompiler::BackendError::InvalidTargetArch(_)) => Ok(false),
            Ok(Ok(())) => Ok(true),
            Ok(Err(seccompiler::Error::Prctl(error) | seccompiler::Error::Seccomp(error)))
                if matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EINVAL)) =>
            {
                Ok(false)
            }
            Ok(Err(error)) => Err(io::Error::other(error)),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
        let itself = u64::from(std::process::id());
        let to_itself = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, itself)
            .map(|only| vec![only])?;
        let signals = (libc::SYS_tgkill, vec![SeccompRule::new(to_itself)?]);
        let rules = CALLS.iter().map(|call| (*call, Vec::new())).chain([signals]).collect();
        let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        SeccompFilter::new(rules, refused, SeccompAction::Allow, std::env::consts::ARCH.try_into()?)?
            .try_into()
    }

    #[cfg(test)]
    mod tests {
        #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

        use std::fs::File;
        use std::net::{TcpListener, TcpStream};
        use std::process::Command;
        use std::thread;

        use crate::sandbox::confine::{few_calls, no_files};

        #[test]
        fn each_of_the_two_takes_files_and_network_by_itself() {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let reaches = move || (File::open("/etc/passwd").is_ok(), TcpStream::connect(address).is_ok());
            assert_eq!(reaches(), (true, true));
            // Both hold for the thread that asks for them, and for what it starts.
            for confine in [no_files, few_calls] {
                let (known, reached) =
                    std::thread::spawn(move || (confine().unwrap(), reaches())).join().unwrap();
                assert_eq!(reached, (!known, !known));
            }
        }

        // What a reader cannot start need not be found and killed with it.
        #[test]
        fn the_filter_of_calls_lets_neither_thread_nor_process_be_started() {
            let starts =
                || (thread::Builder::new().spawn(|| ()).is_ok(), Command::new("true").status().is_ok());
            assert_eq!(starts(), (true, true));
            let (known, started) = thread::spawn(move || (few_calls().unwrap(), starts())).join().unwrap();
            assert_eq!(started, (!known, !known));
        }
    }
}
