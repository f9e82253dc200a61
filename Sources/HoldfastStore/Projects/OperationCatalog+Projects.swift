extension OperationCatalog {
  /// Operations on projects, topics and the audit trail.
  static let projects: [OperationEntry] = [
    .listing(ProjectList.self),
    .query(ProjectGet.self),
    .mutation(ProjectRename.self),
    .mutation(ProjectAlias.self),
    .mutation(ProjectDelete.self),
    .query(ProjectOfRepository.self),
    .mutation(ProjectIdentify.self),
    .mutation(ProjectSetVocabulary.self),
    .query(ProjectConfigGet.self),
    .mutation(ProjectConfigPut.self),
    .listing(AuditList.self),
    .listing(EventList.self),
    .query(EventLast.self),
  ]
}
