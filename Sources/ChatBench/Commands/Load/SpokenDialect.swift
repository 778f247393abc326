import ArgumentParser

/// A dialect, as named on the command line.
enum SpokenDialect: String, CaseIterable, ExpressibleByArgument {
    case v2, classic, mixed

    var planned: LoadPlan.Dialect {
        switch self {
        case .v2: .v2
        case .classic: .classic
        case .mixed: .mixed
        }
    }
}
