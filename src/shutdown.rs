//! One cancellation token for the process, tripped by SIGTERM and Ctrl-C.
