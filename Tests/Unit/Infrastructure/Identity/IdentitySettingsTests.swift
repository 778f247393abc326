import Testing

@testable import InfrastructureIdentity

struct IdentitySettingsTests {
    @Test func `a secret turns authentication on, and nothing leaves it off`() {
        var settings = IdentitySettings()
        #expect(!settings.hasKeys)
        settings.secret = String(repeating: "x", count: 32)
        #expect(settings.hasKeys)
    }
}
