public import InfrastructureNATS

extension ChatConfiguration {
    /// Which files go together, and with which URLs.
    func checkNATSFiles() throws(ConfigurationError) {
        let files = natsFiles
        if files.certificate.isEmpty != files.key.isEmpty {
            let (present, missing) =
                files.key.isEmpty
                ? ("nats_certificate_file", "nats_key_file") : ("nats_key_file", "nats_certificate_file")
            throw ConfigurationError("\(missing): missing, while \(present) is set; NATS is shown both or neither")
        }
        if !files.seed.isEmpty, !files.credentials.isEmpty {
            throw ConfigurationError(
                "nats_nkey_seed_file: set, while nats_credentials_file is set; that has a seed of its own")
        }
        guard !isEmbedded else { return }
        if files.areForEncryption, !natsServers.contains(where: \.isEncrypted) {
            let key = files.authorities.isEmpty ? "nats_certificate_file" : "nats_ca_file"
            throw ConfigurationError("\(key): set, while nats_url asks for no encryption; that begins with tls")
        }
        guard natsServers.contains(where: \.hasCredentials) else { return }
        for (key, path) in [("nats_nkey_seed_file", files.seed), ("nats_credentials_file", files.credentials)]
        where !path.isEmpty {
            throw ConfigurationError("\(key): set, while nats_url has a user or a token; which of them is meant?")
        }
    }

    /// Reads the files that are set for NATS.
    ///
    /// - Throws: ``ConfigurationError`` if one cannot be read, or holds something else.
    public func natsAccess() throws(ConfigurationError) -> NATSAccess {
        do throws(NATSFileError) {
            return try NATSAccess(natsFiles)
        } catch {
            throw ConfigurationError("\(error.key): \(error)")
        }
    }
}
