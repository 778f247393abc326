import Foundation

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A program could not be started.
struct SpawnFailed: Error, CustomStringConvertible {
    let description: String
}

/// Starts a program by `posix_spawn` in a process group of its own, with no descriptor of ours but its standard streams.
///
/// Foundation's `Process` is not used: these tests need the process id for signals, and exits that are noticed
/// although another child was started at the same moment.
///
/// - Parameter errors: for standard error, where that is not to go to `output`.
/// - Parameter terminal: the path of a terminal to become the child's standard streams and controlling terminal.
func spawn(
    _ executable: String, _ arguments: [String], environment: [String: String], directory: URL,
    input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil, terminal: String? = nil
) throws -> pid_t {
    #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
    #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }
    if let terminal {
        // Opened by a session leader that has none, it becomes the controlling terminal.
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
    } else {
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, 1)
            posix_spawn_file_actions_adddup2(&actions, errors ?? output, 2)
        }
    }
    closeInherited(&actions)
    #if canImport(Darwin)
        let newSession = Int32(POSIX_SPAWN_SETSID)
        let commonFlags = Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
    #else
        let newSession: Int32 = 0x80  // POSIX_SPAWN_SETSID, which Glibc shows only to _GNU_SOURCE
        let commonFlags: Int32 = 0
    #endif
    var flags = commonFlags | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
    flags |= terminal == nil ? Int32(POSIX_SPAWN_SETPGROUP) : newSession
    // What the test process ignores or blocks is no business of the child's.
    var none = sigset_t()
    var every = sigset_t()
    sigemptyset(&none)
    sigfillset(&every)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &every)
    posix_spawnattr_setflags(&attributes, Int16(flags))

    // The shell changes the directory and becomes the program: portable, and the process id stays the same.
    let words = ["/bin/sh", "-c", #"cd "$1" && shift && exec "$@""#, "sh", directory.path, executable] + arguments
    let argv = words.map { strdup($0) } + [nil]
    let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, "/bin/sh", &actions, &attributes, argv, envp)
    guard status == 0 else {
        throw SpawnFailed(description: "\(executable): \(String(cString: strerror(status)))")
    }
    return pid
}

#if canImport(Darwin)
    private func closeInherited(_ actions: inout posix_spawn_file_actions_t?) {}  // POSIX_SPAWN_CLOEXEC_DEFAULT does it
#else
    /// Not all sockets of NIO close on exec, and a child that holds a copy keeps a connection open that a test has closed.
    private func closeInherited(_ actions: inout posix_spawn_file_actions_t) {
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        // Some more, for those that other threads open in this moment; closing what is not open does no harm.
        let end = (open.compactMap { Int32($0) }.max() ?? 1_024) + 128
        for descriptor in 3..<end { posix_spawn_file_actions_addclose(&actions, descriptor) }
    }
#endif
