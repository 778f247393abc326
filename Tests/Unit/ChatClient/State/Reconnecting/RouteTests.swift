import Testing
import Transport

@testable import ChatClient

@Suite struct RouteTests {
    private let a = ServerAddress(host: "a", port: 1)
    private let b = ServerAddress(host: "b", port: 1)
    private let c = ServerAddress(host: "c", port: 1)

    @Test func `One address is never tried twice in a row`() {
        var route = Route(a)
        let triesAtOnce = route.fail()
        #expect(!triesAtOnce)
        #expect(route.address == a)
    }

    @Test func `All are tried once before there is a pause, and then all again`() {
        var route = Route(a, others: [b, c])
        var tried: [ServerAddress] = []
        for _ in 0..<2 {
            var goesOn = true
            while goesOn {
                tried.append(route.address)
                goesOn = route.fail()
            }
        }
        #expect(tried == [a, b, c, a, b, c])
    }

    @Test func `The one that answered is the first to be tried again`() {
        var route = Route(a, others: [b])
        _ = route.fail()
        route.succeed()
        #expect(route.address == b)
        let goesOn = route.fail()
        #expect(goesOn)
        #expect(route.address == a)
    }
}
