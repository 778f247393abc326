import ArgumentParser
import NIOWebSocket

@main struct M { static func main() {} }
