extension OperationCatalog {
  static let reports: [OperationEntry] = [
    .report(SQLQuery.self),
    .query(LiveStatus.self),
  ]
}
