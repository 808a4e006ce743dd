//! What something must have for a metric to be about it.

/// What something must have for a metric to be about it.
#[derive(Debug)]
pub struct Feature {
    /// What is said of something that has it not: `main has no cache`.
    pub missing: &'static str,
    /// What is said where the whole scenario has it not: `nothing has versions`.
    pub nowhere: &'static str,
    /// What would have it.
    pub expected: &'static str,
}

/// Something that can run out.
pub static CAPACITY: Feature = Feature {
    missing: "has nothing that can run out",
    nowhere: "nothing can run out",
    expected: "a load balancer with a `cost` or a limit of `connections`, an external service \
               with a limit of `concurrency`, or another component",
};

/// Workers or connections.
pub static SLOTS: Feature = Feature {
    missing: "has neither workers nor connections",
    nowhere: "nothing has workers or connections",
    expected: "a component",
};

/// A memory that can run out.
pub static MEMORY: Feature = Feature {
    missing: "has no memory that can run out",
    nowhere: "no memory can run out",
    expected: "a server with `memory`",
};

/// A disk.
pub static DISK: Feature = Feature {
    missing: "has no disk",
    nowhere: "nothing has a disk",
    expected: "a server or a database with a `disk`",
};

/// A disk that is at work on so many operations at once.
pub static DISK_AT_ONCE: Feature = Feature {
    missing: "has no disk that works on so many operations at once",
    nowhere: "no disk works on so many operations at once",
    expected: "a `disk` with `at_once`",
};

/// A disk that begins so many operations a second.
pub static DISK_IOPS: Feature = Feature {
    missing: "has no disk with a limit of operations a second",
    nowhere: "no disk has a limit of operations a second",
    expected: "a `disk` with `iops`",
};

/// A disk whose bytes flow while it is at work on other operations.
pub static DISK_THROUGHPUT: Feature = Feature {
    missing: "has no disk that works on several operations at once",
    nowhere: "no disk works on several operations at once",
    expected: "a `disk` with `at_once` above 1",
};

/// A log of which one write is written after the other.
pub static LOG_BY_WRITES: Feature = Feature {
    missing: "has no log that is written one write after the other",
    nowhere: "no log is written one write after the other",
    expected: "a database with a `log` of `group: 1`",
};

/// A component that has pools of connections.
pub static CONNECTION_POOL: Feature = Feature {
    missing: "asks no database through a pool",
    nowhere: "no database is asked through a pool",
    expected: "a server with `pools`",
};

/// Messages that wait until they are taken.
pub static MESSAGES: Feature = Feature {
    missing: "has no messages",
    nowhere: "nothing has messages",
    expected: "a message queue",
};

/// Several instances.
pub static INSTANCES: Feature = Feature {
    missing: "has one instance only",
    nowhere: "nothing has several instances",
    expected: "a component with several instances",
};
