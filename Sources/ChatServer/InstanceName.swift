import Foundation

/// What an instance is called that nobody has given a name.
enum InstanceName {
    /// The host's name and what tells the instances on it apart: the port, with the address where it listens on one only.
    /// A port that is not known yet has a random word in its place.
    ///
    /// - Parameters:
    ///   - host: the machine's name.
    ///   - address, port: where the instance is told to listen.
    static func standard(host: String, address: String, port: Int, random: () -> UInt32 = { .random(in: 0...(.max)) })
        -> String
    {
        guard port != 0 else { return "\(host):" + String(random(), radix: 36) }
        let everywhere = ["0.0.0.0", "::", ""]
        return everywhere.contains(address) ? "\(host):\(port)" : "\(host)/\(address):\(port)"
    }

    /// The machine's own name.
    static var host: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "server" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
