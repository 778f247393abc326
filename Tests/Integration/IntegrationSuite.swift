import Testing

/// All tests that start servers, one after the other: each has its own processes and deadlines, and a machine with two cores
/// keeps them honest only if they do not run at once.
@Suite("Integration", .serialized, .timeLimit(.minutes(3)))
enum Integration {}
