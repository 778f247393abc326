import ArgumentParser
import Hummingbird
import HummingbirdCore
import NIOExtras
import NIOHTTPTypesHTTP1
import ServiceLifecycle
import UnixSignals

@main struct M { static func main() {} }
