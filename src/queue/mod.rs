//! A generic task queue in the database: claim, lease, fence, finish, retry. Knows nothing of jobs.
