/// Certificates and keys that were made for these tests and are of no other use. They are valid for a hundred years.
enum TestPair {
    static let first = (certificate: a, key: aKey)
    static let second = (certificate: b, key: bKey)

    private static let a = """
        -----BEGIN CERTIFICATE-----
        MIIBfzCCASWgAwIBAgIUDdVxY9AXaDTV5iR+GFlVKkEe32EwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJYS5leGFtcGxlMCAXDTI2MTIwMTEzMjUxMVoYDzIxMjYxMTA3
        MTMyNTExWjAUMRIwEAYDVQQDDAlhLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAR74RxsD0UP1rNcgg4o2Al6AWi4H4VBfRxB6dBjYL6ZZ8aN5B3t72P1
        QD6wRZQndljYB5dbRbOOYAKzEUVoW9ruo1MwUTAdBgNVHQ4EFgQUMEeqBMvjnH6f
        8/WBQUPfh0XjjjUwHwYDVR0jBBgwFoAUMEeqBMvjnH6f8/WBQUPfh0XjjjUwDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiA7nibiPby8cGrRKR55XqyM
        YzQ28oTIFDDLAnhuvM79JwIhAM01QM1pc60DQETIho/dboS4Gd8SzDiCJRqkeab9
        SRte
        -----END CERTIFICATE-----

        """

    private static let aKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgoYlLmNR6xP4sG+I4
        Ixsn0zl3hvFQlT6tqSHLJN3Rmo+hRANCAAR74RxsD0UP1rNcgg4o2Al6AWi4H4VB
        fRxB6dBjYL6ZZ8aN5B3t72P1QD6wRZQndljYB5dbRbOOYAKzEUVoW9ru
        -----END PRIVATE KEY-----

        """

    private static let b = """
        -----BEGIN CERTIFICATE-----
        MIIBgDCCASWgAwIBAgIULaHLuoKlrFCbhzE3wQN/UCDemjswCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJYi5leGFtcGxlMCAXDTI2MTIwMTEzMjUxMVoYDzIxMjYxMTA3
        MTMyNTExWjAUMRIwEAYDVQQDDAliLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASjFqY1dKw3pml2DMFjxefU1mYT1eHv7NY0Lo+qW5uqAB/IC2L0x7Lx
        ATQGrmt9mdsxXh1sQrbh1sF8wk6cPNPYo1MwUTAdBgNVHQ4EFgQURrsMe9HJu18s
        kaLJrOm8oK6vwTswHwYDVR0jBBgwFoAURrsMe9HJu18skaLJrOm8oK6vwTswDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA43044SXD4jj2LmsWf5Je
        aDQ5Pt9g8NCXlFR90wBWdWkCIQCL2+KE9rnMC6b6SKDxYZiFw8DUOVzqYbxCpqZX
        pFKf0A==
        -----END CERTIFICATE-----

        """

    private static let bKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCD61htcMTh15ljze
        V8RO/5HWOf7tLetjcvLL9E9EHxehRANCAASjFqY1dKw3pml2DMFjxefU1mYT1eHv
        7NY0Lo+qW5uqAB/IC2L0x7LxATQGrmt9mdsxXh1sQrbh1sF8wk6cPNPY
        -----END PRIVATE KEY-----

        """

    /// The first key, with the passphrase “secret”.
    static let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjysmMTSujtRgICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEHcU/DuOYF9sTQWmggte33sEgZBI
        vmC1W5GJgk74ycMH2N7jlOLRD1/X1e8QGnYy6MlmLGkxrLWg5XnFB2GLenDDNqaM
        CTFV0uKmLl85TeHIQoxerEawe6DCbZwdHXT+ifxZYEzErwIV7XGd2BqZ7BXYmK6g
        WJwNnALGCFtpn0RmVufPRaAg8pP67tpeIBChrXIJtBL0V6xJLUK1yuLQQDtSC5A=
        -----END ENCRYPTED PRIVATE KEY-----

        """

    /// The first key, with the passphrase “secret”.
    static let traditionallyEncryptedKey = """
        -----BEGIN EC PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,A06B12B7C4B40DDBBE54DB4729926528

        O4QJ3UxRz4+uLyhiL9NSYGqSTupXYXy2kS+1tdoSIgiIB1RhsY18/0ZTXdwoBqK9
        g/Sm9K1Vu4Gzo9GpyravpgcROjdupVMbBAg2858v/sZaCJZqc10RkCFf/OuWXoPv
        xtqQ8T9hiLzMdBmaPAmV8CTX8r0anzmj5M+Lf0V8hyM=
        -----END EC PRIVATE KEY-----

        """
}
