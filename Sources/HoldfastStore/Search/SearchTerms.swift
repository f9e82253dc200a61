internal import HoldfastModel

/// A query in the language of SQLite's FTS5.
///
/// Words are letters and digits alone, and stand in quotes: nothing that a caller writes is read as a part
/// of that language.
enum SearchTerms {
  /// The word under which the tasks of a project stand.
  static func project(_ key: Int64) -> String { "p\(key)" }

  static func fts5(_ query: SearchQuery, project: Int64?) -> String {
    var text = "(\(query.wanted.map(term).joined(separator: " AND ")))"
    if let project { text = "(project : \"\(Self.project(project))\" AND \(text))" }
    guard !query.unwanted.isEmpty else { return text }
    return "\(text) NOT (\(query.unwanted.map(term).joined(separator: " OR ")))"
  }

  private static func term(_ term: SearchQuery.Term) -> String {
    let words = term.words.map { String(decoding: $0, as: UTF8.self) }
    let text = "\"\(words.joined(separator: " "))\"" + (term.isPrefix ? " *" : "")
    // To look at the columns costs as much again as to find the words.
    return term.isLikeProject ? "- {project} : \(text)" : text
  }
}

extension SearchQuery.Term {
  /// Whether the word of a project may be one of its words.
  fileprivate var isLikeProject: Bool {
    guard words.count == 1, words[0].first == UInt8(ascii: "p") else { return false }
    return words[0].dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}

/// Words and queries in the language of PostgreSQL's text search.
enum PostgreSQLWords {
  /// The words of a document with their places and weights.
  ///
  /// PostgreSQL counts places up to 16,383 and keeps 256 of each word.
  static func vector(_ fields: [String], project: Int64) -> String {
    var text = lexeme(project: project)
    var place = 0
    for (field, label) in zip(fields, SearchField.labels) {
      for word in field.split(separator: " ") {
        place += 1
        text += " '\(word)':\(place)\(label)"
      }
      // No phrase goes over the end of a field.
      place += 1
    }
    return text
  }

  static func query(_ query: SearchQuery, project: Int64?) -> String {
    let unwanted = query.unwanted.filter { !findsProjects($0) }
    var parts = query.wanted.map(term) + unwanted.map { "!(\(term($0)))" }
    if let project { parts.insert(lexeme(project: project), at: 0) }
    return parts.joined(separator: " & ")
  }

  /// What must hold for the words without the project's; empty when ``query(_:project:)`` says all.
  static func beside(_ query: SearchQuery) -> String {
    let wanted = query.wanted.filter(findsProjects).map(term)
    let unwanted = query.unwanted.filter(findsProjects).map { "!(\(term($0)))" }
    return (wanted + unwanted).joined(separator: " & ")
  }

  /// Whether words of projects begin so, too.
  private static func findsProjects(_ term: SearchQuery.Term) -> Bool {
    term.isPrefix && term.isLikeProject
  }

  /// What the rank counts: each term that is wanted, as if any of them were enough.
  static func rank(_ query: SearchQuery) -> String {
    query.wanted.map(term).joined(separator: " | ")
  }

  /// The project as a word that no text has.
  private static func lexeme(project: Int64) -> String { "'\(SearchTerms.project(project)):'" }

  private static func term(_ term: SearchQuery.Term) -> String {
    let words = term.words.map { "'\(String(decoding: $0, as: UTF8.self))'" }
    return "(\(words.joined(separator: " <-> "))\(term.isPrefix ? ":*" : ""))"
  }
}
