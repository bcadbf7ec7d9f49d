//! Takes every way out from the process that reads one document, where the kernel can.
//!
//! Its document comes through a pipe that is open by then, and reading needs no more than memory, three pipes and an end. Landlock takes the
//! file system and the network; a filter of system calls takes everything else. Each works without the other; a kernel
//! that knows neither leaves the limits on memory, time and files.

/// Confines the process for the rest of its life.
#[cfg(target_os = "linux")]
pub(in crate::sandbox) fn confine() {
    // Whatever fails here fails because the kernel does not know it; there is nobody to tell, and the rest still holds.
    let _ = no_files();
    let _ = few_calls();
}

/// Confines nothing: only Linux knows how.
#[cfg(not(target_os = "linux"))]
pub(in crate::sandbox) fn confine() {}

/// No path may be opened, made, changed or run, and no port connected to, by rules that allow nothing.
#[cfg(target_os = "linux")]
fn no_files() -> Result<(), landlock::RulesetError> {
    use landlock::{ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _};

    let abi = ABI::V5;
    Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(())
}

/// Calls that memory, pipes, clocks and an end take. Every other one is refused with an error, as if by a lack of rights:
/// none of them is needed for reading, and a library that tries one all the same goes on without.
#[cfg(target_os = "linux")]
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
    libc::SYS_tgkill,
    libc::SYS_write,
    libc::SYS_writev,
];

#[cfg(target_os = "linux")]
fn few_calls() -> Result<(), Box<dyn std::error::Error>> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

    let rules = CALLS.iter().map(|call| (*call, Vec::new())).collect();
    let refused = SeccompAction::Errno(u32::try_from(libc::EPERM)?);
    let filter =
        SeccompFilter::new(rules, refused, SeccompAction::Allow, std::env::consts::ARCH.try_into()?)?;
    let program: BpfProgram = filter.try_into()?;
    Ok(apply_filter(&program)?)
}
