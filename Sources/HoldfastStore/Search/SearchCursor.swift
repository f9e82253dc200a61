public import HoldfastJSON
public import HoldfastModel

/// A place in the answer of a search.
public struct SearchCursor: FieldValue {
  let place: SearchRank

  var text: String { "\(place.rank).\(place.id)" }

  init(_ place: SearchRank) { self.place = place }

  public static var fieldSchema: FieldSchema { .text() }
  public static var placeholder: SearchCursor { SearchCursor(SearchRank(rank: 0, id: 0)) }

  public init(_ json: JSON, field: FieldPosition) throws(HoldfastError) {
    let parts = try String(json, field: field)
      .split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let rank = Int64(parts[0]), let id = Int64(parts[1]) else {
      throw field.mustBe("the next_cursor of the page before")
    }
    place = SearchRank(rank: rank, id: id)
  }
}
