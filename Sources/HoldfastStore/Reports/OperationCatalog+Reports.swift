extension OperationCatalog {
  static let reports: [OperationEntry] = [.report(SQLQuery.self)]
}
