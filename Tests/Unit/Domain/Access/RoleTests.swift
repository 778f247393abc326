import Domain
import Testing

struct RoleTests {
    @Test func `a role is read as it is written, and nothing else is one`() {
        for role in Role.allCases { #expect(Role(role.text) == role) }
        for text in ["", "Admin", "admin ", "root", "0"] { #expect(Role(text) == nil, "\(text)") }
    }

    @Test func `roles are in order`() { #expect(Role.user < .moderator && Role.moderator < .admin) }
}
