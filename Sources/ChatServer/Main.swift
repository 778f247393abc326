import Hummingbird
import HummingbirdCore
import ArgumentParser
import NIOExtras
import NIOHTTPTypesHTTP1
import ServiceLifecycle
import UnixSignals
@main struct M { static func main() {} }
