/// What keeps the store of the server that is measured.
enum BenchEngine: String, CaseIterable, Sendable {
  case sqlite
  case postgresql

  /// What is measured over it, in order.
  var measures: [BenchMeasure] {
    switch self {
    case .sqlite: BenchMeasure.allCases
    case .postgresql: [.disk, .create, .get, .claim, .memory]
    }
  }
}
