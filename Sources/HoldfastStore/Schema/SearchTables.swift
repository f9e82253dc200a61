internal import HoldfastDatabase

/// The tables of the search.
///
/// They are derived: what is in them can be made again from the tasks, so they
/// stand in no event, no export and no copy of a store.
enum SearchTables {
  /// Begins the names of all of them.
  static let prefix = "search_"

  /// Makes the tables empty, whatever was there; ``SearchIndex`` fills them.
  ///
  /// A store that has them already gets them again by a migration that runs this: one for each change of
  /// ``SearchField/all`` or of what counts as a word.
  static func make(_ transaction: any WriteTransaction) throws {
    for statement in statements(transaction.dialect) {
      try transaction.execute(SQL(statement), [])
    }
  }

  private static func statements(_ sql: Dialect) -> [String] {
    let fields = SearchField.all.map { "\($0.name) \(sql.text) NOT NULL" }.joined(separator: ", ")
    let common = [
      "DROP TABLE IF EXISTS search_state",
      "DROP TABLE IF EXISTS search_documents",
      // Up to which event the index knows the tasks.
      """
      CREATE TABLE search_state(
        id \(sql.givenKey) CHECK (id = 1), seq \(sql.integer) NOT NULL
      ) \(sql.tableEnd)
      """,
      "INSERT INTO search_state(id, seq) VALUES (1, 0)",
    ]
    switch sql {
    case .sqlite:
      // FTS5 keeps no text. To take a task out it must be told the words that it was given: the short ones
      // stand in search_documents, the long text in the event that set it.
      return common + [
        """
        CREATE TABLE search_documents(
          id \(sql.givenKey), project \(sql.integer) NOT NULL, content \(sql.integer), \(fields)
        ) \(sql.tableEnd)
        """,
        "DROP TABLE IF EXISTS search_words",
        """
        CREATE VIRTUAL TABLE search_words USING fts5(
          project, \(SearchField.names), content, content='', columnsize=0, tokenize='ascii')
        """,
      ]
    case .postgresql:
      return common + [
        """
        CREATE TABLE search_documents(
          id \(sql.givenKey), project \(sql.integer) NOT NULL, content \(sql.integer), \(fields),
          words TSVECTOR NOT NULL
        )
        """,
        "CREATE INDEX search_documents_by_words ON search_documents USING gin(words)",
      ]
    }
  }
}
