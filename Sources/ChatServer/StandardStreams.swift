import Foundation

/// The descriptors 0, 1 and 2.
enum StandardStreams {
    /// Opens `/dev/null` in place of those that the process was started without. Else the next file or socket that is opened
    /// has their number: what is logged would go into a client's connection, the embedded log or the signals' own pipe.
    ///
    /// To be called before anything else is opened.
    static func fill() {
        // The lowest number that is free is always the one that is taken.
        var descriptor = open("/dev/null", O_RDWR)
        while 0...STDERR_FILENO ~= descriptor { descriptor = open("/dev/null", O_RDWR) }
        if descriptor >= 0 { close(descriptor) }
    }
}
