/// How long a frame may become, given how long a message's content may be.
public enum FrameLimit {
    /// What a frame holds besides the content: the names of its fields and `ref`, `id` and a name of the greatest length, each
    /// character of them escaped as a surrogate pair (`\ud83d\ude00`), the name not in normalisation form C yet. Together a
    /// little less.
    public static let envelopeBytes = 4096

    /// What other requests need, whatever the limit of a message's content is.
    public static let leastBytes = 65_536

    /// The greatest size in bytes of a frame that holds a content of so many bytes of UTF-8, however it is escaped: a byte
    /// takes six at most, as in `\u0000`.
    public static func bytes(forContentOf contentBytes: Int) -> Int {
        max(leastBytes, 6 * contentBytes + envelopeBytes)
    }
}
