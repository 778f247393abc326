import Wire

/// The keys that say who may come, and how often.
extension ConfigurationKey {
    static var edge: [ConfigurationKey] {
        [
            .integer("max_header_bytes", \.maxHeaderBytes, 1024...1 << 20),
            .origins("allowed_origins"),
            .addresses("trusted_proxies"),
            .choice("proxy_protocol", \.proxyProtocol),
            .integer("max_connections_per_address", \.maxConnectionsPerAddress, 0...10_000_000),
            .integer("max_upgrades_per_second", \.maxUpgradesPerSecond, 0...1_000_000),
            .integer("max_upgrades_per_address_per_minute", \.maxUpgradesPerAddressPerMinute, 0...1_000_000),
        ]
    }

    private static func origins(_ name: String) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            guard let text = value.listText else {
                throw .refused(name, value, allowed: "a list of origins, or a text with commas")
            }
            do throws(OriginListError) {
                configuration.allowedOrigins = try AllowedOrigins(text)
            } catch {
                throw ConfigurationError(
                    "\(name): \(error.item.debugDescription) is no origin; one is written like https://chat.example.com or "
                        + "http://localhost:3000, without a path and without a slash at the end; null and * are allowed, too"
                )
            }
        }
    }

    private static func addresses(_ name: String) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            guard let text = value.listText else {
                throw .refused(name, value, allowed: "a list of ranges of addresses, or a text with commas")
            }
            do throws(AddressListError) {
                configuration.trustedProxies = try AddressRange.list(text)
            } catch {
                throw ConfigurationError(
                    "\(name): \(error.item.debugDescription) is no range of addresses; one is written like 10.0.0.0/8, "
                        + "2001:db8::/32 or 192.0.2.1, without bits behind the prefix")
            }
        }
    }
}

extension ChatConfiguration {
    /// PROXY headers of everybody would let everybody choose their address.
    func checkEdge() throws(ConfigurationError) {
        if proxyProtocol == .on, trustedProxies.isEmpty {
            throw ConfigurationError(
                "proxy_protocol: on, while trusted_proxies is empty; it must name who sends the headers")
        }
    }
}
