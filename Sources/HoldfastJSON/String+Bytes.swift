extension String {
  /// Whether both strings are the same bytes; `==` would also equate different normal forms.
  func hasSameBytes(as other: String) -> Bool {
    guard utf8.count == other.utf8.count else { return false }
    return utf8.elementsEqual(other.utf8)
  }
}
