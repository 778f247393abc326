import Foundation
import Testing

/// What prints figures for people, and takes minutes: `scripts/measure` runs it, `scripts/test` does not. Part of the
/// integration tests' module, whose servers and clients it uses.
@Suite(.enabled(if: measuringDirectory != nil, "only scripts/measure runs these"), .serialized)
enum Measurements {}

/// Where what is measured may write, as `CHAT_MEASURE` says; nil where nothing is to be measured.
var measuringDirectory: String? { ProcessInfo.processInfo.environment["CHAT_MEASURE"] }
